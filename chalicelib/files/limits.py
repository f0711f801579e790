"""Sets how large a list and its parts can be, so that no file uses up a function's memory or time."""

#: Bytes of a file that are read to find its layout.
HEAD_BYTES = 64 * 1024
#: Bytes of all column names together, as JSON. A mapping may name them all, and is in a job's item of at most
#: 400 KB.
MAX_NAMES_BYTES = 100_000
#: Lines of notes before the header, as in LinkedIn's export.
MAX_PREAMBLE = 30
#: Bytes of a file after inflating: a million rows of 2 KB.
MAX_INFLATED_BYTES = 2 * 1024**3
#: Characters of a row. A longer row is a quote that is never closed.
MAX_RECORD = 4 * 1024 * 1024
#: Bytes of the rows of one batch. A worker has 512 MB and holds them all, several times over.
MAX_BATCH_BYTES = 16 * 1024**2
#: Characters of a cell: Excel's own limit. A longer cell comes back as it is, but is not parsed.
MAX_CELL = 32_767
#: Bytes that are inflated, and characters that are read, at a time.
PIECE = 256 * 1024
#: Bytes of the rows of one batch as lines of the contacts: a character of another script takes six.
MAX_LINES_BYTES = 32 * 1024**2
#: Rows that a file may have however small it is; each row beyond takes a byte of the file at least. A row of
#: contacts takes ten, however well it compresses.
FREE_ROWS = 50_000
#: Bytes that names of columns and blank cells may add to any result; beyond that so many for each byte of the
#: rows themselves. A row that fills its columns has four bytes for each (quotes, comma, space), so that it
#: gets there only if names have 250 characters on average.
FREE_GROWTH = 16 * 1024**2
MAX_GROWTH = 64
#: Bytes that they may add in all: a million rows with 600 columns whose names have 24 characters add 17 GB.
MAX_ADDED_BYTES = 20 * 1024**3

#: Bytes of a workbook as it is stored.
MAX_WORKBOOK_BYTES = 256 * 1024**2
#: Bytes of a workbook's directory, which Python reads at once: some thousands of parts.
MAX_DIRECTORY_BYTES = 256 * 1024
#: Bytes of the shared texts of a workbook after inflating. A function holds them all.
MAX_TEXTS_BYTES = 192 * 1024**2
#: Bytes of a part that only describes a workbook, after inflating. Styles get as large as this.
MAX_PART_BYTES = 16 * 1024**2
#: Elements of such a part: Excel has 64,000 styles of cells.
MAX_ELEMENTS = 200_000
#: Bytes that a part of a workbook may have after inflating however small it is stored; beyond that so many for
#: each stored byte. A list has from 5 to 20.
FREE_PART_BYTES = 16 * 1024**2
MAX_PART_GROWTH = 100
#: Bytes of a tag in a workbook. The parser holds it, and older ones look at it again with each piece that comes.
MAX_TAG_BYTES = 1024**2
#: Rows at the beginning of a sheet that say how many columns it has.
WIDTH_ROWS = 100
