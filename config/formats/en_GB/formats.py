"""British English: the month is written out, as it is in every other language of the pages."""

DATE_FORMAT = "j F Y"
YEAR_MONTH_FORMAT = "F Y"
