-- The guidance each designer gives the model, and every version of it that was ever in force.

create table public.user_contexts (
    user_id uuid primary key references public.users (id) on delete cascade,
    version integer not null default 1,
    instructions text not null default '',
    tone text not null default '',
    brand text not null default '',
    design_system_rules text not null default '',
    language text not null default '',
    focus_areas text[] not null default '{}',
    model text not null default '',
    updated_at timestamptz not null default now(),
    constraint user_contexts_sizes check (
        length(instructions) <= 4000 and length(tone) <= 500 and length(brand) <= 4000
        and length(design_system_rules) <= 8000 and length(language) <= 35 and length(model) <= 100
    ),
    constraint user_contexts_focus_areas check (cardinality(focus_areas) <= 12)
);
comment on table public.user_contexts is 'The guidance now in force for a designer: brand, tone, design-system rules.';

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
comment on column public.user_context_versions.saved_by is '"user" for the designer, else the operator''s e-mail address.';
