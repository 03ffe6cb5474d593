alter table public.answers validate constraint answers_command;
