"""The page that a student gets back: for each exercise the points, the reason, the answer and what it printed.

All that a student wrote or printed is escaped, and the page's own policy forbids scripts, pictures and requests, so
that nothing of a student's runs in a teacher's browser.
"""

from html import escape

MADE_BY = '<meta name="generator" content="make grade">'  # by this a page is known as one of these
STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 0.95rem; }
pre, .reason { white-space: pre-wrap; overflow-wrap: anywhere; }
pre { border-left: 3px solid #8888; padding-left: 0.8rem; }
.reason { font-weight: 600; }
"""


def page(title: str, student: str, exercises: list[dict], note: str) -> str:
    """Return a student's page; `exercises` are the rows of scripts/marking.py."""
    points, possible = (sum(row[key] for row in exercises) for key in ("points", "of"))
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        MADE_BY,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}: {escape(student)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)}: {escape(student)}</h1>",
        f"<p>{points:g} of {possible:g} points.{' ' + escape(note) if note else ''}</p>",
    ]
    for row in exercises:
        parts.append(f"<h2>{escape(row['title'])}: {row['points']:g} of {row['of']:g}</h2>")
        if row["reason"]:
            parts.append(f'<p class="reason">{escape(row["reason"])}</p>')
        for head, text in (("Your answer", row["answer"]), ("It printed", row["printed"])):
            if text.strip():
                parts.append(f"<h3>{head}</h3><pre>{escape(text)}</pre>")
    return "\n".join([*parts, "</body></html>"]) + "\n"
