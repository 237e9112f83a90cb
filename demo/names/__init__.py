"""Invented enterprises, people and institutions of Xinjiang for the demo (演示数据), the same for the same seed.

Nobody and nothing here is real: telephone numbers lie in the unassigned 154 range, mail addresses in the reserved
domain `.example`, numbers of patents and certificates begin with or count from what no register issues.
"""

from demo.names.enterprises import EnterpriseData, enterprises
from demo.names.form import content
from demo.names.institutions import InstitutionData, institutions
from demo.names.people import JudgeData, TeamMember, judges, person
from demo.names.places import Place, counties, short_name
from demo.names.projects import IntellectualProperty, Project

LABEL = "演示数据"

__all__ = [
    "LABEL",
    "EnterpriseData",
    "InstitutionData",
    "IntellectualProperty",
    "JudgeData",
    "Place",
    "Project",
    "TeamMember",
    "content",
    "counties",
    "enterprises",
    "institutions",
    "judges",
    "person",
    "short_name",
]
