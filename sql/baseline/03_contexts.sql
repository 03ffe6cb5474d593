-- The guidance each designer gives the model, and every version of it that was ever in force.

create table public.user_contexts (
    user_id uuid primary key references public.users (id) on delete cascade,
    version integer not null default 1,
    instructions text not null default '',
    tone text not null default '',
    brand text not null default '',
    design_system_rules text not null default '',
    language text not null default '',
    focus_areas text[] not null default '{}'::text[],
    model text not null default '',
    updated_at timestamptz not null default now(),
    shared_with_guests text[] not null default '{}'::text[],
    constraint user_contexts_focus_areas check (cardinality(focus_areas) <= 12),
    constraint user_contexts_shared_with_guests check ((shared_with_guests <@ array['brand', 'design_system_rules',
        'focus_areas', 'instructions', 'language', 'tone']) and (cardinality(shared_with_guests) <= 6)),
    constraint user_contexts_sizes check ((length(instructions) <= 4000) and (length(tone) <= 500)
        and (length(brand) <= 4000) and (length(design_system_rules) <= 8000) and (length(language) <= 35)
        and (length(model) <= 100))
);
comment on table public.user_contexts is 'The guidance now in force for a designer: brand, tone, design-system rules.';
comment on column public.user_contexts.user_id is 'Whose context.';
comment on column public.user_contexts.version is 'Version in force; a save must name it.';
comment on column public.user_contexts.instructions is 'Free guidance, up to 4000 characters.';
comment on column public.user_contexts.tone is 'How replies should sound.';
comment on column public.user_contexts.brand is 'What the brand is about.';
comment on column public.user_contexts.design_system_rules is 'Rules the design must follow.';
comment on column public.user_contexts.language is 'Language of replies, as a BCP 47 tag or in words.';
comment on column public.user_contexts.focus_areas is 'What matters most, e.g. contrast.';
comment on column public.user_contexts.model is 'Chosen model; empty: the default.';
comment on column public.user_contexts.updated_at is 'When it was last saved.';
comment on column public.user_contexts.shared_with_guests is 'Names of the fields that stand in the prompt when a guest asks and this person pays; in order of the alphabet. Whoever can comment in such a file can find out what they say. Nothing by default.';
create trigger user_contexts_audit after update on public.user_contexts
    for each row when ((old.version is distinct from new.version))
    execute function private.audit('instructions', 'tone', 'brand', 'design_system_rules', 'language', 'focus_areas',
    'model');
alter table public.user_contexts enable row level security;
revoke all on public.user_contexts from public, anon, authenticated;
grant select, insert, update, delete on public.user_contexts to service_role;
grant select on public.user_contexts to authenticated;
create policy user_contexts_select on public.user_contexts for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));

create table public.user_context_versions (
    user_id uuid not null references public.users (id) on delete cascade,
    version integer not null,
    content jsonb not null,
    saved_by text not null,
    reason text not null default '',
    saved_at timestamptz not null default now(),
    primary key (user_id, version)
);
comment on table public.user_context_versions is 'Every version of a context that was ever in force. Rows never change, so a worker may cache them for ever.';
comment on column public.user_context_versions.user_id is 'Whose context.';
comment on column public.user_context_versions.version is 'Counts from 1.';
comment on column public.user_context_versions.content is 'The fields of the context. Versions from before fields could be shared have no shared_with_guests: nothing is shared.';
comment on column public.user_context_versions.saved_by is '"user" for the designer, else the operator''s e-mail address.';
comment on column public.user_context_versions.reason is 'Why an operator changed it.';
comment on column public.user_context_versions.saved_at is 'Since when it was in force.';
alter table public.user_context_versions enable row level security;
revoke all on public.user_context_versions from public, anon, authenticated;
grant select, insert, update, delete on public.user_context_versions to service_role;
grant select on public.user_context_versions to authenticated;
create policy user_context_versions_select on public.user_context_versions for select to authenticated
    using ((select private.operator_role()) in ('founder', 'support'));
