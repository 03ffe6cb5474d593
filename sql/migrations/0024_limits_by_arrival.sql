-- The limit per person and minute goes by when comments came: answers_author finds them.
drop index public.answers_author_decided;
