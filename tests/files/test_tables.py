"""Files in and out: what was observed is written as it stood."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import jupyter_wrangler as jw
from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.errors import UnsupportedFrame
from jupyter_wrangler.files.tables import read


@pytest.fixture
def impute(stack_env, tmp_path):
    """The command over a file with this text: what it wrote."""
    assert stack_env

    def run(text: bytes, *words: str, name="in.csv", goal="out.csv") -> bytes:
        (tmp_path / name).write_bytes(text)
        at = tmp_path / goal
        call = ["impute", str(tmp_path / name), "-o", str(at), "--force", *words]
        done = CliRunner().invoke(wrangler, call, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return at.read_bytes()

    with contextlib.closing(jw.connect()):
        yield run


def refusal(path, text) -> str:
    path.write_bytes(text)
    with pytest.raises(UnsupportedFrame) as caught:
        read(path)
    assert repr(str(path)) in str(caught.value)
    return str(caught.value)


def test_what_was_observed_is_written_as_it_stood(impute):
    text = (
        b"id,code,note,x,flag\n"
        b'00000,007,NA,1.50,yes\n'
        b'00001,,None,2e0,no\n'
        b'00002,012,"a, ""b""\nc",,yes\n'
        b'00003,007,,1.50,\n'
        b'00004,007,d, 3 ,yes\n'
    )  # fmt: skip
    found = impute(text, "--method", "most_frequent", "--column", "code",
                   "--column", "x", "--column", "flag")  # fmt: skip
    assert found == (
        b"id,code,note,x,flag\n"
        b'00000,007,NA,1.50,yes\n'
        b'00001,007,None,2e0,no\n'
        b'00002,012,"a, ""b""\nc",1.50,yes\n'
        b'00003,007,,1.50,yes\n'
        b'00004,007,d, 3 ,yes\n'
    )  # fmt: skip


def test_imputed_whole_numbers_look_like_whole_numbers(impute):
    assert impute(b"a,b\n1,1.0\n3,\n,3.0\n", "--method", "mean") == (
        b"a,b\n1,1.0\n3,2.0\n2,3.0\n"
    )
    assert impute(b"a\tb\n1\t1\n\t2\n4\t3\n", "--method", "mean", name="in.tsv") == (
        b"a,b\n1,1\n2.5,2\n4,3\n"
    )


def test_the_names_are_written_as_they_stood_and_so_is_the_mark_of_utf_8(impute):
    text = "\ufeff,ä,\n1,2,5\n2,,5\n3,4,5\n".encode()
    assert impute(text, "--method", "mean") == text.replace(b"2,,5", b"2,3,5")


def test_line_ends_stay_those_of_the_file(impute):
    text = b'a,b\r\n1,"x\ry"\r\n,"x\r\ny"\r\n3,z\r\n'
    found = impute(text, "--method", "mean", "--column", "a")
    assert found == text.replace(b"\r\n,", b"\r\n2,")


def test_a_parquet_file_gets_the_types_that_pandas_reads(impute, tmp_path):
    text = b"a,b,id\n01,x,001\n,x,002\n03,,010\n"
    impute(text, "--method", "median", goal="out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet")
    # what was imputed as a number is one; zeros in front make no number of others
    assert found.to_dict("list") == {
        "a": [1, 2, 3],
        "b": ["x", "x", "x"],
        "id": ["001", "002", "010"],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # pandas takes the first column of these for an index, and it is gone
        (b"a,b\n0,2,\n1,,\n", "has 3 fields in line 2, but 2 in the lines before"),
        (b"a,b\nr1,1,2\nr2,,4\n", "Name every column (row names too)"),
        (b"a,b\n1,2\n3,4,5\n", "has 3 fields in line 3"),
        (b"a,b,a\n1,2,3\n", "several columns of the name 'a'; each needs"),
    ],
)
def test_a_file_of_which_columns_would_be_lost_is_refused(tmp_path, text, words):
    assert words in refusal(tmp_path / "in.csv", text)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("in.csv", b"", "is empty; a line of names"),
        ("in.csv", b"a,b\nx\0y,1\n", "holds zero bytes"),
        ("in.csv", b"PK\x03\x04\0\0\0\0", "an Excel workbook"),
        (
            "in.csv",
            gzip.compress(b"a,b\n1,2\n", mtime=0),
            "let its name end in .csv.gz",
        ),
        ("in.csv", b"PAR1\0\0\0\0PAR1", "let its name end in .parquet"),
        # one byte is wrong, and all others say UTF-8
        (
            "in.csv",
            "a,b\nÄ,1\nÖ,2\nÜ,3\n".encode() + b"\xff,4\n",
            "0xff at position 19",
        ),
        ("in.csv.gz", b"a,b\n1,2\n", "cannot be read as .gz"),
        ("in.csv.xz", b"a,b\n1,2\n", "cannot be read as .xz"),
        ("in.csv.zip", b"a,b\n1,2\n", "cannot be read as .zip"),
        ("in.csv", b'a,b\n"x,2\n', "Check that every quote is closed."),
        ("in.parquet", b"a,b\n1,2\n", "cannot be read as .parquet: "),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name, text, words):
    assert words in refusal(tmp_path / name, text)


def test_the_ending_of_a_name_may_be_in_capitals(impute):
    assert impute(b"a\n1\nNA\n3\n", "--method", "mean", name="A.CSV", goal="B.Csv") == (
        b"a\n1\n2\n3\n"
    )


def test_an_output_that_cannot_be_written_costs_no_result(stack_env, tmp_path):
    assert stack_env
    source = tmp_path / "in.csv"
    source.write_text("a,b\n1,2\n,4\n5,6\n7,8\n")
    call = ["impute", str(source), "--method", "mean", "--force", "-o"]
    # told before there is a job
    with contextlib.closing(jw.connect()):
        there = len(jw.jobs())
        done = CliRunner().invoke(wrangler, [*call, str(tmp_path / "no" / "out.csv")])
        assert (done.exit_code, len(jw.jobs())) == (2, there)
        assert f"There is no folder '{tmp_path / 'no'}'" in done.output
        full = tmp_path / "full.csv"
        full.symlink_to("/dev/full")
        done = CliRunner().invoke(wrangler, [*call, str(full)])
        assert done.exit_code == 1
        assert "full.csv' cannot be written: No space left on device." in done.output
        job_id = re.search(r'jw\.job\("(.*?)"\)', done.output)[1]
        assert not jw.job(job_id).result().df.isna().any(axis=None)


# ── files that are written otherwise ──

#: The same table in many ways of writing: ending of the name, bytes.
SEMICOLON = "name;länge;n\nAda;1,5;1\nÉva;;2\nGrete;4,5;3\n"
WAYS = {
    "semicolon": ("csv", SEMICOLON.encode()),
    "mark": ("csv", b"\xef\xbb\xbf" + SEMICOLON.encode()),
    "latin-1": ("csv", SEMICOLON.encode("latin-1")),
    "utf-16": ("csv", b"\xff\xfe" + SEMICOLON.encode("utf-16-le")),
    "utf-16-be": ("csv", b"\xfe\xff" + SEMICOLON.encode("utf-16-be")),
    "utf-16 without mark": ("csv", SEMICOLON.encode("utf-16-le")),
    "utf-32": ("csv", b"\xff\xfe\0\0" + SEMICOLON.encode("utf-32-le")),
    "tabs": ("csv", SEMICOLON.replace(";", "\t").encode()),
    "bars": ("csv", SEMICOLON.replace(";", "|").encode()),
    "semicolons in .tsv": ("tsv", SEMICOLON.encode()),
    "windows": ("csv", SEMICOLON.replace("\n", "\r\n").encode("cp1252")),
    "excel": ("csv", b"sep=;\r\n" + SEMICOLON.replace("\n", "\r\n").encode("cp1252")),
    "quoted": (
        "csv",
        b'"name","l","n"\n"Ada; B","1,5","1"\n"E;","","2"\n"G","4,5",3\n',
    ),
    "gz": ("csv.gz", gzip.compress(SEMICOLON.encode())),
    "bz2": ("csv.bz2", bz2.compress(SEMICOLON.encode())),
    "xz": ("csv.xz", lzma.compress(SEMICOLON.encode("cp1252"))),
}
UNPACK = {"gz": gzip.decompress, "bz2": bz2.decompress, "xz": lzma.decompress}


@pytest.mark.parametrize("way", WAYS)
def test_fault_6_7_a_file_is_read_and_written_as_it_is(impute, way):
    ending, data = WAYS[way]
    found = impute(data, "--method", "mean", name=f"in.{ending}", goal=f"out.{ending}")
    unpack = UNPACK.get(ending.rpartition(".")[2], bytes)
    was, is_now = unpack(data), unpack(found)
    # one cell has changed, from nothing to the mean of 1,5 and 4,5
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "cp1252"):
        three = "3,0".encode(codec)
        if is_now.replace(three, b"", 1) == was.replace(b'""', b"", 1):
            break
    else:
        # csv writers leave out quotes that nobody needs
        assert way in {"quoted", "utf-32"}, is_now
        assert "3,0" in is_now.decode("utf-32-le" if way == "utf-32" else "utf-8")


@pytest.mark.parametrize(
    ("text", "separator", "decimal", "columns"),
    [
        ("a,b\n1,2\n", ",", ".", 2),
        ("a;b\n1;2\n", ";", ".", 2),
        ("a\tb\n1,5\t2\n", "\t", ",", 2),
        ("a|b|c\nx;y|1|2\nz;w|1|2\n", "|", ".", 3),
        # as many commas as semicolons in each line
        ("a;b\n1,5;x\n2,5;y\n", ";", ",", 2),
        ("Preis, EUR;Menge, kg\n1,5;2,5\n3,5;4,5\n", ";", ",", 2),
        # commas inside of quotes
        ('a,b\n"1;2",x\n"3;4",y\n', ",", ".", 2),
        ('a;b\n"x, y";"1,2"\n"z, w";"3,4"\n', ";", ",", 2),
        # thousands with points, and decimal commas
        ("a;b\n1.234,5;x\n2,5;y\n", ";", ",", 2),
        # times and dates are no separators
        ("t;x\n12:30;1\n13:30;2\n", ";", ".", 2),
        # spaces after what separates, and lines that end as on an old Mac
        ("a; b; c\n1,5; 2; x\n2,5; ; y\n", ";", ",", 3),
        ("a;b\r1;2\r3;\r", ";", ".", 2),
        # one column of numbers with decimal commas
        ("a\n1,5\nNA\n2,5\n", ";", ",", 1),
        # one column is one column
        ("a\n1\n2\n", ",", ".", 1),
        ("wort\nein Haus\nBaum\n", ",", ".", 1),
    ],
)
def test_fault_6_7_how_a_file_is_written_is_found(
    tmp_path, text, separator, decimal, columns
):
    path = tmp_path / "in.csv"
    path.write_text(text)
    table = read(path)
    assert (table.dialect.separator, table.dialect.decimal) == (separator, decimal)
    assert table.frame.shape[1] == columns
    if decimal == ",":
        assert "f" in {dtype.kind for dtype in table.frame.dtypes}


def test_fault_6_7_decimal_commas_are_numbers_column_by_column(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("a;b;c;d\n1.234,5;1.5;x,5;1,234\n;2.5;y;2,500\n-0,5;;z;\n")
    found = read(path)
    assert found.frame["a"].tolist()[::2] == [1234.5, -0.5]
    assert found.frame["b"].tolist()[:2] == [1.5, 2.5]
    assert found.frame["c"].tolist() == ["x,5", "y", "z"]
    # `a` says what the commas of `d` are
    assert found.frame["d"].tolist()[:2] == [1.234, 2.5]
    path.write_text("a;b\n1.234;1,5\n2.345;2,5\n")
    assert "1.234" in read(path).notes[0]
    assert read(path, decimal=",").frame["a"].tolist() == [1234, 2345]
    path.write_text("d;e\n1,234;1\n2,500;2\n")
    unsure = read(path)
    assert unsure.frame["d"].tolist() == ["1,234", "2,500"]
    assert "--decimal ," in unsure.notes[0]
    assert read(path, decimal=",").frame["d"].tolist() == [1.234, 2.5]
    assert read(path, decimal=".").notes == ()


def test_fault_6_7_an_empty_line_of_an_only_column_is_a_missing_value(impute):
    assert impute(b"a\n1\n\n3\n\n", "--method", "mean") == b"a\n1\n2\n3\n"
    # of several columns it is none
    assert impute(b"a,b\n1,2\n\n3,\n", "--method", "mean") == b"a,b\n1,2\n3,2\n"


def test_fault_6_7_a_cell_of_spaces_is_missing(impute):
    text = b"a; b\n1,5; 2\n2,5; \n3,5; 4\n"
    assert impute(text, "--method", "mean") == b"a; b\n1,5; 2\n2,5;3\n3,5; 4\n"


def test_fault_6_7_what_is_said_holds(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes("a:b\n1:k. A.\n2:3\n".encode("utf-16"))
    found = read(path, separator=":", missing=["k. A."], encoding="utf-16")
    assert found.frame["b"].isna().tolist() == [True, False]
    path.write_bytes("a,b\né,1\n".encode("cp1252"))
    assert read(path).frame["a"][0] == "é"
    assert read(path, encoding="cp1250").frame["a"][0] == "é"
    assert read(path, encoding="cp437").frame["a"][0] == "Θ"
    with pytest.raises(UnsupportedFrame, match=r"is not in utf-8: .* 0xe9"):
        read(path, encoding="utf-8")
    with pytest.raises(UnsupportedFrame, match="No encoding is called 'klingon'"):
        read(path, encoding="klingon")


@pytest.mark.parametrize(
    "text",
    [
        "a:b\n1:2\n3:4\n",
        "a b\n1 2\n3 4\n",
        '"a" "b"\n"1" 1 2\n"2" 3 4\n',
        "# of me\na;b\n1;2\n3;\n",
        "a;b\n1;2\n3\n4;5\n5;6\n6;7\n",
    ],
)
def test_fault_6_7_a_table_that_is_cut_nowhere_is_refused(stack_env, tmp_path, text):
    assert stack_env
    path = tmp_path / "in.csv"
    path.write_text(text)
    call = ["impute", str(path), "-o", str(tmp_path / "out.csv")]
    done = CliRunner().invoke(wrangler, call)
    assert done.exit_code != 0
    with pytest.raises(UnsupportedFrame, match=r"one column of text.*--sep") as error:
        read(path)
    assert isinstance(done.exception, UnsupportedFrame)
    assert str(error.value) == str(done.exception)
    assert not (tmp_path / "out.csv").exists()


def test_fault_6_7_the_command_shows_how_it_read_the_file(stack_env, tmp_path):
    assert stack_env
    source, goal = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(SEMICOLON.encode("latin-1"))
    call = ["impute", str(source), "-o", str(goal), "--method", "mean", "--force"]
    with contextlib.closing(jw.connect()):
        done = CliRunner().invoke(wrangler, call, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert "3 rows of 3 columns" in done.output
        assert "separator ';' (semicolon), decimal ',', encoding cp1252" in done.output
        # said otherwise: a comma cuts nothing here
        other = [*call, "--sep", "|", "--encoding", "latin-1"]
        refused = CliRunner().invoke(wrangler, other)
        assert refused.exit_code == 1
        assert "';'" in str(refused.exception)
        # a word for missing values, and a file in which nothing is missing
        source.write_text("a;b\n1,5;?\n2,5;3\n4;5\n")
        done = CliRunner().invoke(
            wrangler, [*call, "--na", "?"], catch_exceptions=False
        )
        assert goal.read_text() == "a;b\n1,5;4\n2,5;3\n4;5\n"
        source.write_text("a;b\n1,5;1\n2,5;3\n")
        done = CliRunner().invoke(wrangler, call, catch_exceptions=False)
        assert done.exit_code == 0
        assert "no value was missing" in done.output
        for bad in (["--sep", ";;"], ["--decimal", ";"], ["--sep", '"']):
            assert CliRunner().invoke(wrangler, [*call, *bad]).exit_code == 2
        assert CliRunner().invoke(wrangler, [*call, "--sep", "tab"]).exit_code == 1


def test_fault_6_7_the_ending_of_the_output_decides(impute, tmp_path):
    text = SEMICOLON.encode()
    assert impute(text, "--method", "mean", goal="out.tsv") == (
        "name\tlänge\tn\nAda\t1,5\t1\nÉva\t3,0\t2\nGrete\t4,5\t3\n".encode()
    )
    packed = impute(text, "--method", "mean", goal="out.csv.gz")
    assert gzip.decompress(packed) == SEMICOLON.replace(";;", ";3,0;").encode()
    impute(text, "--method", "mean", goal="out.parquet")
    assert pd.read_parquet(tmp_path / "out.parquet")["länge"].tolist() == [1.5, 3, 4.5]
    with zipfile.ZipFile(tmp_path / "in.csv.zip", "w") as archive:
        archive.writestr("in.csv", SEMICOLON)
    assert read(tmp_path / "in.csv.zip").frame.shape == (3, 3)
    call = ["impute", str(tmp_path / "in.csv.zip"), "-o", str(tmp_path / "o.csv.zip")]
    done = CliRunner().invoke(wrangler, call)
    assert (done.exit_code, "are read but not written" in done.output) == (2, True)


@pytest.mark.parametrize("name", ["hex", "rot13", "undefined", "nope"])
def test_fault_6_7_an_encoding_that_makes_no_text_is_refused(tmp_path, name):
    path = tmp_path / "in.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UnsupportedFrame, match="No encoding is called"):
        read(path, encoding=name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", b"1;x\r\n;y\r\n3;x\r\n"),
        ("x.csv", b"\xef\xbb\xbfsep=;\r\n1;x\r\n;y\r\n3;x\r\n"),
        ("x.tsv.gz", gzip.compress(b"1\tx\n\ty\n3\tx\n")),
    ],
)
def test_a_text_may_have_no_line_of_names(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    table = read(path, header=False)
    assert list(table.frame.columns) == ["column_1", "column_2"]
    assert table.frame["column_1"].tolist() == pytest.approx(
        [1, np.nan, 3], nan_ok=True
    )
    assert table.frame["column_2"].tolist() == ["x", "y", "x"]


def test_a_sheet_may_have_no_row_of_names(tmp_path):
    path = tmp_path / "x.xlsx"
    frame = pd.DataFrame([[1.5, "x"], [None, "y"]])
    frame.to_excel(path, index=False, header=False)
    table = read(path, header=False)
    assert list(table.frame.columns) == ["column_1", "column_2"]
    assert len(table.frame) == 2
