"""A Sphinx extension: what the theme and its helpers leave out for keyboards and screen readers.

scripts/templates/layout.html sends the theme's pages through `mend`; book/_static/access.js does what takes a script.
"""

from typing import Any

from sphinx.errors import ExtensionError

FIELD = 'search-button-field search-button__button pst-js-only"'
# What the theme writes on each page, and what stands there instead
MENDS = {
    # A name that leaves out the words on the button cannot be spoken to it: these are named by what they show
    f'{FIELD} title="Search" aria-label="Search"': FIELD,
    ' aria-label="Color mode" data-bs-title': " data-bs-title",
    'data-mode="light" title="Light"': 'data-mode="light" title="Color mode: light"',
    'data-mode="dark"  title="Dark"': 'data-mode="dark" title="Color mode: dark"',
    'data-mode="auto"  title="System Settings"': 'data-mode="auto" title="Color mode: as the system"',
    # A place for the logo and the menu among the landmarks, and names for what opens over the page
    'id="pst-primary-sidebar" class=': 'id="pst-primary-sidebar" role="complementary" aria-label="The book" class=',
    '<dialog id="pst-search-dialog">': '<dialog id="pst-search-dialog" aria-label="Search">',
    '<dialog id="pst-primary-sidebar-modal">': '<dialog id="pst-primary-sidebar-modal" aria-label="The book">',
}


def mend(html: str) -> str:
    """Return a page of the theme with its faults mended; each has to be there once."""
    for fault, right in MENDS.items():
        if (count := html.count(fault)) != 1:
            raise ExtensionError(f"The theme writes {count} times, not once: {fault}; see scripts/access.py.")
        html = html.replace(fault, right)
    return html


def name_menu(menu: Any) -> Any:
    """Say what each arrow unfolds; captions name their lists, so that the first heading of a page is its own."""
    for arrow in menu.select("summary"):
        link = arrow.parent.find_previous_sibling("a")
        if link:
            arrow["aria-label"] = f"Pages of {link.get_text(' ', strip=True)}"
    for caption in menu.select("p.caption[role=heading]"):
        del caption["role"], caption["aria-level"]
        caption.find_next_sibling("ul")["aria-label"] = caption.get_text(" ", strip=True)
    return menu


def dress(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Name the parts of the menu; let the words of a fold say what it holds."""
    if "body" in context:  # MyST-NB would have another text read aloud
        context["body"] = context["body"].replace(' aria-label="Toggle hidden content"', "")
        # A list holds items; sphinxcontrib-bibtex gives its entries another role
        context["body"] = context["body"].replace(' role="doc-biblioentry"', ' role="listitem"')
    build = context.get("generate_toctree_html")
    if build:
        context["generate_toctree_html"] = lambda *args, **kwargs: name_menu(build(*args, **kwargs))


def add_filter(app: Any) -> None:
    """Give the templates what layout.html calls."""
    if app.builder.format == "html":
        app.builder.templates.environment.filters["mend"] = mend


def setup(app: Any) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("builder-inited", add_filter)
    app.connect("html-page-context", dress, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
