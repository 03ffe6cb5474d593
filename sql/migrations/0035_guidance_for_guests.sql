-- Guests whose questions the owner pays for get of the owner's guidance only what the owner shares. Nobody has shared
-- anything yet: from here on guests under owner_pays are answered without guidance until their owner shares some.

alter table public.user_contexts add column shared_with_guests text[] not null default '{}';
alter table public.user_contexts add constraint user_contexts_shared_with_guests check (
    shared_with_guests <@ array['brand', 'design_system_rules', 'focus_areas', 'instructions', 'language', 'tone']
    and cardinality(shared_with_guests) <= 6
);
comment on column public.user_contexts.shared_with_guests is 'Names of the fields that stand in the prompt when a guest asks and this person pays; in order of the alphabet. Whoever can comment in such a file can find out what they say. Nothing by default.';
comment on column public.user_context_versions.content is 'The fields of the context. Versions from before fields could be shared have no shared_with_guests: nothing is shared.';

alter table public.answers add column guidance text[];
comment on column public.answers.guidance is 'Names of the fields of that context that the reply was made with: of a guest''s, what the owner shared. NULL: no context applied, or the reply is from before this was kept.';
grant select (guidance) on public.answers to authenticated;

-- Replies that were drafted for guests with the whole guidance, and never posted: a replay drafts them anew.
update public.answers set draft = null
from public.users
where answers.state = 'failed' and answers.decision = 'answer' and answers.draft is not null
    and users.id = answers.payer_id and users.figma_user_id <> answers.author_figma_id;
