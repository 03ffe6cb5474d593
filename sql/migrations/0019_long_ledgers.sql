-- Reads that stay as quick when a ledger has millions of rows: one person's story, the comments of one file.

-- What people did, without what the ledger tells too: most of the log of somebody who asks often is not in it.
create index activity_story on public.activity (user_id, at desc) where kind not in ('answered', 'refused');
-- Whom somebody paid for: steps from one author to the next, past all that they asked themselves.
create index answers_guests on public.answers (payer_id, author_figma_id, received_at desc) where payer_id is not null;
-- The latest comments of one file, and whether they took a call to Figma: counted from the index alone.
create index answers_file_received on public.answers (file_key, received_at desc) include (design_state);
