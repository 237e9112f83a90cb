"""Twelve trainings with twelve hundred attendances: mobilisation, one per regional contest, and one before the finals."""

from datetime import timedelta

from competition.operations import events
from demo import edition_2018 as data
from demo.names import person
from demo.play.stage import Play

EACH = data.ATTENDANCES // data.TRAININGS


def play(stage: Play) -> None:
    regions = stage.edition.regions
    for number in range(data.TRAININGS):
        region = regions[number] if number < len(regions) else None
        title = f"{region.name}赛前培训" if region else "行业赛与总决赛展示培训（疆外专家）"
        day = data.at(5, 14) + timedelta(days=3 * number) if region else data.at(8, 12)
        training = events.plan_training(
            stage.edition,
            title=title,
            kind="赛前培训" if region else "行业赛培训",
            held_on=day.date(),
            place=region.name if region else "乌鲁木齐",
            trainer="创业导师（演示）",
            capacity=150,
            region=region,
            actor=stage.office,
            now=day - timedelta(days=7),
        )
        for seat in range(EACH):
            events.check_in(
                training,
                person=person(stage.rng),
                organisation=f"参训单位{number + 1:02d}-{seat + 1:03d}（演示）",
                actor=stage.office,
                now=day + timedelta(minutes=seat % 40),
            )
        events.hold_training(training, actor=stage.office, now=day + timedelta(hours=8))
        stage.step()
