"""Whose notebook a file is, and the tables that Moodle and Canvas read.

Files that either system hands out in bulk carry a number of the student in their names:

    Moodle    Ada Lovelace_31415_assignsubmission_file_/gan.ipynb   (or all in one name)
    Canvas    lovelaceada_LATE_271828_1618033_gan.ipynb             (LATE only if it was)

Canvas's pattern counts only for Canvas: a date in a file of the teacher's own looks like it. Files that follow no
pattern are called after their students. A roster is the table that the system itself exports: Moodle's grading
worksheet of the assignment, or the gradebook of either. The points go into it, in the scale that the system states.
"""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePath

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(_.*)?")
CANVAS = re.compile(r"(?P<name>.+?)_(LATE_)?(?P<number>\d+|anon_[^_]+)_\d+_.+")
COPY = re.compile(r"\s*\(\d+\)$")  # what a browser adds to the name of a second download
IDENTITY = ["Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section"]  # in Canvas
ROSTERS = ("moodle", "canvas")
COMMENTS = "Feedback comments"  # a teacher's own in Moodle's worksheet
FORMULA = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")  # how a spreadsheet's formulas begin, the wide signs of East Asia too
NUMBER = r"[+-]\d+(\.\d+)?([,;)\]}]|$)"  # as in (1, -2)
BEHIND = re.compile(rf'([;,][\s"]*)(?!{NUMBER})(?=[{re.escape("".join(FORMULA))}])')  # where , or ; ends a cell


class Refused(ValueError):
    """An order that cannot be carried out; says why and what to do."""


def plain(text: str) -> str:
    """Return a text on one line without signs that steer a terminal or turn its direction."""
    kept = (" " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") else sign for sign in text)
    return " ".join("".join(kept).split())


def neutral(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula, whatever separates its cells; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    return guarded(plain(value))


def guarded(text: str) -> str:
    """Return a text with ' before each part that a spreadsheet could take for a formula."""
    text = BEHIND.sub(r"\1'", text)
    return f"'{text}" if plain(text)[:1] in FORMULA else text


def student_of(file: PurePath, system: str | None = None) -> tuple[str, str]:
    """Return name and number of a file's student; the number is empty where no system gave one.

    The other system's pattern does not count: students choose the end of a file's name, and could write it there.
    """
    if system == "canvas":
        if found := CANVAS.fullmatch(file.stem):
            return found["name"], found["number"]
    else:
        for part in file.parts:
            if found := MOODLE.fullmatch(PurePath(part).stem if part == file.name else part):
                return found["name"], found["number"]
    return COPY.sub("", unicodedata.normalize("NFC", file.stem)), ""


def folded(text: str) -> str:
    """Return the letters and digits of a name alone, small and without accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in apart if sign.isalnum())


def spellings(name: str) -> set[str]:
    """Return a name folded, from each of its words on: Ada Lovelace is Lovelace Ada."""
    words = [word for word in map(folded, re.split(r"[\s,._-]+", name)) if word]
    return {"".join(words[at:] + words[:at]) for at in range(len(words))}


@dataclass
class Roster:
    """A table exported from Moodle or Canvas."""

    system: str
    file: Path
    separator: str
    columns: list[str]
    rows: list[dict[str, str]]

    @classmethod
    def read(cls, system: str, file: Path) -> "Roster":
        """Read a roster; raise Refused where it is none."""
        try:
            text = file.read_bytes().decode("utf-8-sig")
            separator = max(",;\t", key=text.split("\n", 1)[0].count)
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise Refused(f"the roster {str(file)!r} cannot be read as a table in UTF-8: {error}") from None
        columns = [column.strip() for column in lines[0]] if lines else []
        wanted = {"moodle": ({"Identifier", "Grade"}, {"First name"}), "canvas": ({"Student", "ID", "Section"},)}[
            system
        ]
        if not any(need <= set(columns) for need in wanted):
            needs = " or ".join(", ".join(sorted(need)) for need in wanted)
            raise Refused(
                f"a table exported from {system.title()} in English has the columns {needs}; {str(file)!r} has "
                f"{', '.join(columns) or 'none'}. For Moodle download the assignment's grading worksheet, for Canvas "
                "export the gradebook."
            )
        rows = [dict(zip(columns, line, strict=False)) for line in lines[1:] if any(cell.strip() for cell in line)]
        return cls(system, file, separator, columns, rows)

    @property
    def is_worksheet(self) -> bool:
        """Whether this is Moodle's worksheet of one assignment, which goes back to where it came from."""
        return self.system == "moodle" and "Identifier" in self.columns

    def numbers_of(self, row: dict[str, str]) -> str:
        """Return the number that a row's student has in the names of files."""
        return re.sub(r"^\D*", "", row.get("Identifier", "")) if self.system == "moodle" else row.get("ID", "").strip()

    def names_of(self, row: dict[str, str]) -> set[str]:
        """Return all that a file of a row's student may be called."""
        names = [row.get(column, "") for column in ("Student", "Full name")]
        names.append(f"{row.get('First name', '')} {row.get('Last name', row.get('Surname', ''))}")
        keys = ("ID number", "Username", "Email address", "SIS User ID", "SIS Login ID")
        single = [row.get(column, "") for column in keys]
        single += [text.split("@")[0] for text in single]
        found = set().union(*map(spellings, names)) | set(map(folded, single))
        return found - {""}

    def find(self, name: str, number: str) -> dict[str, str] | None:
        """Return the row of a student, None where there is none or more than one.

        The number decides where there is one and the roster has them, as all but Moodle's gradebook do; else the name.
        """
        if number and (self.system == "canvas" or self.is_worksheet):
            found = [row for row in self.rows if self.numbers_of(row) == number]
        else:
            found = [row for row in self.rows if folded(name) in self.names_of(row)]
        return found[0] if len(found) == 1 else None

    def points_row(self) -> dict[str, str]:
        """Return Canvas's row of points possible, or an empty one."""
        return next((row for row in self.rows if "Points Possible" in row.get("Student", "")), {})

    def column_for(self, title: str) -> str:
        """Return the roster's column of a title, with the number that Canvas puts behind it, or the title itself."""
        for column in self.columns:
            if re.sub(r" \(\d+\)$", "", column) == title or column == title:
                return column
        return title

    def write(self, file: Path, title: str, marks: list[tuple[str, str, float, float]]) -> list[str]:
        """Write the table for the system; return a sentence for each student that has no row of their own.

        Args:
            file: where to.
            title: the assignment's name in the system; not used for a worksheet, which knows it.
            marks: name, number (empty if unknown), points and points possible of each student.
        """
        column = "Grade" if self.is_worksheet else self.column_for(title)
        troubles, filled = [], []

        def is_filled(row: dict[str, str]) -> bool:
            return any(row is one for one in filled)

        for name, number, points, possible in marks:
            row = self.find(name, number)
            if row is None:
                troubles.append(f"{plain(name)} is not, or more than once, in {self.file.name}: enter the mark by hand")
                continue
            if is_filled(row):
                troubles.append(
                    f"{plain(name)}: another notebook has this row of {self.file.name} already; enter the mark by hand"
                )
                continue
            most = row.get("Maximum Grade") if self.is_worksheet else self.points_row().get(column)
            row[column] = f"{scaled(points, possible, most):g}"
            filled.append(row)
        if self.system == "canvas":
            columns = [name for name in IDENTITY if name in self.columns] + [column]
            possible = self.points_row().get(column) or f"{marks[0][3]:g}" if marks else ""
            rows = [{"Student": "    Points Possible", column: possible}]
            rows += filter(is_filled, self.rows)
        else:
            columns = self.columns if column in self.columns else [*self.columns, column]
            rows = self.rows if self.is_worksheet else filter(is_filled, self.rows)
        with open(file, "w", newline="", encoding="utf-8") as table:
            writer = csv.writer(table, delimiter=self.separator)
            writer.writerow(columns)
            for row in rows:
                cells = [row.get(name, "") for name in columns]
                title_row = cells[0].strip() == "Points Possible"
                as_it_was = [title_row or name == COMMENTS for name in columns]
                writer.writerow([c if same else kept(c) for c, same in zip(cells, as_it_was, strict=True)])
        return troubles


def kept(cell: str) -> str:
    """Return a cell of a roster as it was but for formulas; a number may be negative."""
    return cell if re.fullmatch(r"[+-]?[\d.,]*|-", cell) else guarded(cell)


def scaled(points: float, possible: float, most: str | None) -> float:
    """Return points in the scale of a system that gives `most` at most ("100.00"), to two digits.

    Raises Refused where `most` is there but no positive number, as for a scale of words.
    """
    if most is None or not most.strip():
        return round(points, 2)
    try:
        top = float(most.strip().replace(",", "."))
    except ValueError:
        top = 0.0
    if top <= 0:
        raise Refused(f"the roster's maximum must be a positive number of points, but {plain(most)!r} came")
    return round(points / possible * top, 2) if possible else 0.0
