-- A word on a suggestion that comes after the day of its analysis was counted.

create trigger suggestion_outcomes_said_late after insert on public.suggestion_outcomes
    for each row execute function private.note_late_outcome();
create trigger suggestion_outcomes_changed_late after update on public.suggestion_outcomes
    for each row when (new.outcome <> old.outcome) execute function private.note_late_outcome();
