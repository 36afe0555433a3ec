-- out.step_blocks: the steps of a period side by side, each by the positions of the stages that it leads from and to.
-- A view. A row for every vacancy and group with eight steps is far quicker to add up than a row for each step. A
-- source with more than eight steps has a second block.
-- grain: organisation, period and block
-- inputs: intake.extracts, out.stage_counts
-- columns: organisation, period, block, from_1, to_1, ..., from_8, to_8
with

steps as (
    select distinct
        c.organisation,
        c.period,
        c.step_order,
        list_position(e.stages, c.from_stage) - 1 as from_order,
        list_position(e.stages, c.to_stage) - 1 as to_order
    from out.stage_counts as c
    inner join intake.extracts as e on c.organisation = e.organisation
)

select
    organisation,
    period,
    (step_order // 8)::tinyint as block,
    (max(from_order) filter (where step_order % 8 = 0))::tinyint as from_1,
    (max(to_order) filter (where step_order % 8 = 0))::tinyint as to_1,
    (max(from_order) filter (where step_order % 8 = 1))::tinyint as from_2,
    (max(to_order) filter (where step_order % 8 = 1))::tinyint as to_2,
    (max(from_order) filter (where step_order % 8 = 2))::tinyint as from_3,
    (max(to_order) filter (where step_order % 8 = 2))::tinyint as to_3,
    (max(from_order) filter (where step_order % 8 = 3))::tinyint as from_4,
    (max(to_order) filter (where step_order % 8 = 3))::tinyint as to_4,
    (max(from_order) filter (where step_order % 8 = 4))::tinyint as from_5,
    (max(to_order) filter (where step_order % 8 = 4))::tinyint as to_5,
    (max(from_order) filter (where step_order % 8 = 5))::tinyint as from_6,
    (max(to_order) filter (where step_order % 8 = 5))::tinyint as to_6,
    (max(from_order) filter (where step_order % 8 = 6))::tinyint as from_7,
    (max(to_order) filter (where step_order % 8 = 6))::tinyint as to_7,
    (max(from_order) filter (where step_order % 8 = 7))::tinyint as from_8,
    (max(to_order) filter (where step_order % 8 = 7))::tinyint as to_8
from steps
group by all
