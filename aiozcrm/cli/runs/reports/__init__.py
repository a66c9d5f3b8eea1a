"""Reports of a run: a table in the terminal, JSON Lines, a web page."""

from aiozcrm.cli.runs.reports._report_files import check_report_path, write_lines, write_report
from aiozcrm.cli.runs.reports._report_table import show_report

__all__ = ["check_report_path", "show_report", "write_lines", "write_report"]
