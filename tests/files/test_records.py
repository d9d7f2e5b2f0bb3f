"""Records of a text: the same that pandas finds, however the text is cut."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_wrangler.files.records import Script, records_in

CODECS = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252"]

#: Cells with all that could be taken for the end of a record.
cells = st.text(st.sampled_from('a1é" ,;\n\r'), max_size=6)
rows = st.lists(st.tuples(st.integers(0, 9), cells, cells), min_size=1, max_size=12)


def written(table, line_end):
    goal = io.StringIO(newline="")
    # this writer does not quote a lone CR by itself
    returns = any("\r" in cell for row in table for cell in row[1:])
    quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    csv.writer(goal, lineterminator=line_end, quoting=quoting).writerows(table)
    return goal.getvalue()


def texts(data, script, size):
    """Find the records of a text that comes in pieces of some bytes."""
    found, kept = [], b""
    for at in range(0, len(data) + 1, size):
        piece = kept + data[at : at + size]
        records = records_in(piece, script, last=at + size >= len(data))
        found += [
            piece[start:end].decode(script.encoding)
            for start, end in zip(records.starts, records.ends, strict=True)
        ]
        kept = piece[records.used :]
    assert kept == b""
    return found


@given(
    rows, st.sampled_from(CODECS), st.sampled_from(["\n", "\r\n"]), st.integers(1, 9)
)
def test_records_are_those_that_were_written(table, codec, line_end, pieces):
    data = written(table, line_end).encode(codec)
    script = Script(encoding=codec, separator=",")
    size = max(4, len(data) // pieces // 4 * 4)
    found = texts(data, script, size)
    read = [next(csv.reader(io.StringIO(one, newline=""))) for one in found]
    assert read == [[str(cell) for cell in row] for row in table]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # gaps
        ("a\n\n \n\t\r\nb\n", ["a\n", "b\n"]),
        # a quote within a field is a letter, in odd and in even numbers
        ('5" pipe,1\n6,2\n', ['5" pipe,1\n', "6,2\n"]),
        ('5" x,"a\nb"\n6,2\n', ['5" x,"a\nb"\n', "6,2\n"]),
        # old Macintosh
        ("a,b\r1,2\r", ["a,b\r", "1,2\r"]),
        # the last line may not end
        ("a\nb", ["a\n", "b"]),
        ('a\n"b\nc', ["a\n", '"b\nc']),
        ("", []),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_records_of_odd_texts(text, expected, size):
    script = Script(encoding="utf-8", separator=",")
    assert texts(text.encode(), script, size) == expected


def test_an_only_column_has_empty_records():
    script = Script(encoding="utf-8", separator=",", gaps=False)
    assert texts(b"1\n\n3\n", script, 100) == ["1\n", "\n", "3\n"]


@pytest.mark.parametrize(
    ("codec", "can"),
    [("utf-8", True), ("gb18030", True), ("iso2022_jp", False), ("cp500", False)],
)
def test_some_codecs_cannot_be_cut(codec, can):
    assert Script(encoding=codec, separator=",").cuttable is can
