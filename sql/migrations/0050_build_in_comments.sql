-- "build" is a command in comments, too. The constraint is validated in the next file.

alter table public.answers drop constraint answers_command;
alter table public.answers add constraint answers_command
    check (command in ('help', 'usage', 'stop', 'resume', 'build')) not valid;
