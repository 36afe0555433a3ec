-- core.counted_starters: numbers of starters that count, as the newest accepted extract of a day says.
-- inputs: core.starters, intake.accepted_extracts
select s.*
from core.starters as s
inner join intake.accepted_extracts as a on s.extract_id = a.extract_id
qualify a.extract_number = max(a.extract_number) over (partition by s.organisation, s.followed_up)
