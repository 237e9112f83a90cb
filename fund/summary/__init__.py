"""The annual summary (项目实施情况总结, due on 15 November) drafted from data, in the sections of the yearly report.

Read in order: pieces (what a draft is made of), contributions (what upper floors say), draft, word.
"""

from fund.summary.contributions import contribute
from fund.summary.draft import draft_of
from fund.summary.pieces import Draft, Figure, Gap, Paragraph, Section, Table

__all__ = ["Draft", "Figure", "Gap", "Paragraph", "Section", "Table", "contribute", "draft_of"]
