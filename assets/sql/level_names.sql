-- intake.level_names: the group name of each label of an extract at each of the four levels of detail.
-- A view. A broad label has its own name at the finer levels, so that each level adds up to the total.
-- inputs: intake.ethnicity_labels
-- columns: extract_id, label, level, group_name
select
    l.extract_id,
    l.label,
    v.level,
    case v.level
        when 'all' then 'All applicants'
        when 'wres' then l.wres_group
        when 'group' then coalesce(l.ethnicity_group, l.wres_group || ', group not given')
        else
            coalesce(
                l.ethnicity_category,
                case when l.wres_group = 'Unknown' then 'Unknown' end,
                coalesce(l.ethnicity_group, l.wres_group) || ', category not given'
            )
    end as group_name
from intake.ethnicity_labels as l
cross join (values ('all'), ('wres'), ('group'), ('category')) as v (level)
-- A classification of another country has only one level and is outside White and BME.
where v.level in ('all', 'group') or l.wres_group is not null
