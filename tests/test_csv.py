"""CSV in zips: what is read of it, what is too much, and what is damaged."""

import io
import tempfile
import zipfile

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aiozcrm._csv import CsvInZip, write_zip
from aiozcrm.errors import InvalidResponseError


def packed(content, name="1.csv", **how):
    """Return a zip that holds one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **{"compression": zipfile.ZIP_DEFLATED, **how}) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def read(zipped, most=1_000):
    """Return the header and all rows of a zip."""
    table = CsvInZip(io.BytesIO(zipped), most=most)
    rows = []
    while piece := table.take(2):
        rows += piece
    return table.names, rows


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_reads_rows_whatever_ends_their_lines(bom, end, last):
    """A mark of the byte order is passed over; the last line may have no end."""
    text = bom + end.join(["Id,City", "1,Delft", '2,"a, ""b"""']) + end * last
    assert read(packed(text)) == (["Id", "City"], [["1", "Delft"], ["2", 'a, "b"']])


@pytest.mark.parametrize("inside", ["a\nb", "a\r\nb", "a\rb", "\n", "é\u2028\u0085b"])
def test_line_ends_inside_of_cells_stay(inside):
    """A line of text may be several lines of the file."""
    assert read(packed(f'Id,Note\r\n1,"{inside}"\r\n2,\r\n'))[1] == [["1", inside], ["2", ""]]


@pytest.mark.parametrize(
    ("text", "names"), [("", []), ("\ufeff", []), ("Id\n", ["Id"]), ("Id,City", ["Id", "City"])]
)
def test_a_file_may_have_no_rows(text, names):
    """It may have a header, or nothing at all."""
    assert read(packed(text)) == (names, [])


def test_blank_lines_are_passed_over():
    """As they may stand at the end."""
    assert read(packed("Id,City\n1,a\n\n\n2,b\n\n"))[1] == [["1", "a"], ["2", "b"]]


@pytest.mark.parametrize(("row", "found"), [("2", 1), ("2,b,c", 3)])
def test_a_row_with_other_columns_than_the_header_is_an_error(row, found):
    """It tells which row it is."""
    with pytest.raises(InvalidResponseError, match=f"row 2 has {found} columns, the header 2"):
        read(packed(f"Id,City\n1,a\n{row}\n3,c\n"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"Id,City\n1,\xff\n", "UnicodeDecodeError"),
        (b'Id,City\n1,"a', "unexpected end of data"),
        (b'Id,City\n1,"a"b\n', "expected after"),
        (b'Id\n"' + b"x" * 140_000 + b'"\n', "field larger than field limit"),
    ],
)
def test_text_that_is_no_csv_is_an_error(content, why):
    """Rather than rows that look right."""
    with pytest.raises(InvalidResponseError, match=why) as caught:
        read(packed(content))
    assert not caught.value.maybe_done


def test_there_may_not_be_more_rows_than_expected():
    """Whatever the file says of its size."""
    with pytest.raises(InvalidResponseError, match="more than 2 rows"):
        read(packed("Id\n1\n2\n3\n"), most=2)


def test_a_zip_bomb_of_one_line_is_not_unpacked():
    """A line without an end is given up, long before it fills the memory."""
    with pytest.raises(InvalidResponseError, match="a line has more than"):
        read(packed(b"Id\n" + b"\0" * (40 << 20), compresslevel=1))


@pytest.mark.parametrize("header", [pytest.param(b"", marks=pytest.mark.system), b"Id\n"])
def test_a_zip_bomb_of_one_row_is_not_unpacked(header):
    """Though it has many lines, in cells that are quoted; in the place of the header, too."""
    cell = b'"' + b"x" * 100_000 + b'\n",'
    with pytest.raises(InvalidResponseError, match="a row is too long"):
        read(packed(header + cell * 1_500, compresslevel=1))


def test_a_zip_bomb_of_blank_lines_is_not_unpacked():
    """Neither are lines without a cell."""
    with pytest.raises(InvalidResponseError, match="blank lines"):
        read(packed(b"Id\n" + b"\n" * 10_000))


def test_a_zip_holds_one_file():
    """Folders do not count."""
    file = io.BytesIO(packed("Id\n1\n"))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("folder/", "")
    assert read(file.getvalue())[1] == [["1"]]
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("other.csv", "Id\n2\n")
    with pytest.raises(InvalidResponseError, match="holds 2 files"):
        read(file.getvalue())
    with pytest.raises(InvalidResponseError, match="compression"):
        read(packed("Id\n1\n", compression=zipfile.ZIP_BZIP2))


@pytest.mark.parametrize(
    "damage",
    [b"", b"PK", b"<html></html>", packed("Id\n1\n")[:40]],
    ids=["empty", "cut", "a page", "half"],
)
def test_what_is_no_zip_is_an_error(damage):
    """Such as a page for people."""
    with pytest.raises(InvalidResponseError, match="cannot be read"):
        read(damage)


@pytest.mark.parametrize("number", [5, 22])
def test_a_file_that_cannot_be_read_is_no_damaged_zip(number):
    """An error of the disk is raised as it is; one about places that are none is damage."""

    class Broken(io.BytesIO):
        broken = False

        def read(self, *size):
            if self.broken:
                raise OSError(number, "no such place")
            return super().read(*size)

    file = Broken(
        packed("Id\n" + "\n".join(map(str, range(9_000))), compression=zipfile.ZIP_STORED)
    )
    table = CsvInZip(file, most=9_000)
    file.broken = True
    with pytest.raises(OSError if number == 5 else InvalidResponseError, match="place"):
        list(iter(lambda: table.take(500), []))


ROWS = [[str(n), f"Zeile {n}", "ä" * (n % 7)] for n in range(300)]


@pytest.mark.system
@settings(max_examples=300)
@given(st.data())
def test_damage_is_found_or_harmless(data):
    """Whatever happens to its bytes, a file is read as it was, or raises one kind of error."""
    whole = bytearray(packed("\n".join(",".join(row) for row in [["Id", "A", "B"], *ROWS])))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole))) :]
    with tempfile.TemporaryFile() as file:
        file.write(whole)
        try:
            table = CsvInZip(file, most=len(ROWS))
            rows = [row for _ in ROWS for row in table.take(1)]
        except InvalidResponseError:
            return
    assert rows == ROWS


def test_what_is_written_can_be_read():
    """Cells keep commas, quotes, line ends and letters of any script."""
    rows = [["1", 'a "b", c\r\nd'], ["", "\u65e5\u672c"], [" x ", ";"]]
    file = io.BytesIO()
    write_zip(file, "Leads.csv", ["Id", "Note"], rows)
    assert read(file.getvalue()) == (["Id", "Note"], rows)
    assert zipfile.ZipFile(file).namelist() == ["Leads.csv"]
