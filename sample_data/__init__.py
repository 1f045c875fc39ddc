"""The AwesomeShoes Co. session and the built-in suites. `FOLDER` is where the files are."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
