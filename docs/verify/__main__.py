"""Shows offline that what a claim quotes stands in archived bytes: python3 verify.py claim.json *.warc.gz

claim.json is what a Counterclaim site's API says of a claim (/api/v1/claims/<slug>/), each WARC file what it
keeps of an edition that the claim quotes; a folder stands for the WARC files in it. `--source SLUG` checks
what is quoted from that source alone. Exits with 0 if every quotation was found, otherwise with 1. Python 3.9
or later, nothing else. docs/verifying.md says what this proves and what it does not.
"""

import argparse
import pathlib
import sys

from claim import verify


def main():
    about, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=more)
    parser.add_argument("claim", type=pathlib.Path, help="the JSON of a claim")
    parser.add_argument("warc", type=pathlib.Path, nargs="*", help="WARC files, or folders of them")
    parser.add_argument("--source", metavar="SLUG", help="only what is quoted from this source")
    told = parser.parse_args()
    sys.exit(0 if verify(told.claim, told.warc, told.source) else 1)


if __name__ == "__main__":
    main()
