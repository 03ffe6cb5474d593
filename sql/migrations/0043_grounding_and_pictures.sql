-- What became of the numbers of each model's answer, and a flag for teams whose designs' pictures may not leave.
alter table public.answers add column grounding text;
alter table public.answers add constraint answers_grounding
    check (grounding in ('grounded', 'repaired', 'fell_back', 'no_numbers')) not valid;
comment on column public.answers.grounding is 'Of a model''s answer: grounded (each number was among the facts given), repaired (after one more try), fell_back (not even then: the measured review was posted), no_numbers. NULL when no model answered.';
grant select (grounding) on public.answers to authenticated;
insert into public.feature_flags (code, name, description, is_on) values
    ('design_pictures', 'Show models the frame', 'Where Figma''s quota and the model allow it, a picture of the pinned frame goes to the model too. Off: models get layers and measurements alone.', true);
