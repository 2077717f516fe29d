import { EVENT_KINDS, type Event, type EventKind, EXPORT_FORMATS, type Person } from "../../auth.ts";
import { deviceName } from "../../device.ts";
import type { Answer } from "../answer.ts";
import { agePager, type Newest } from "../paging.ts";
import type { AdministratorVisit, SupportVisit } from "../route.ts";
import { appPage } from "../shell.ts";
import { dateTime, reader } from "../times.ts";
import { actions, button, linkButton } from "../ui/button.ts";
import { emptyState } from "../ui/empty-state.ts";
import { selectField, textField } from "../ui/field.ts";
import { form } from "../ui/form.ts";
import type { Content } from "../ui/markup.ts";
import { cut, short, table } from "../ui/table.ts";
import { detailsOf } from "./details.ts";

type Events = { page: Newest<Event>; name: string; kind: EventKind | undefined; nobody: boolean };

/** What happened, the newest first, by person and kind. */
export function eventsPage(visit: AdministratorVisit, { page, name, kind, nobody }: Events): Answer {
  const { text } = visit;
  const filter = { ...(name === "" ? {} : { person: name }), ...(kind === undefined ? {} : { kind }) };
  return appPage(visit, {
    title: text.events.title,
    width: "wide",
    action: linkButton({ href: "/mails", label: text.outbox.title, icon: "mail" }),
    children: [
      form({
        action: "/events",
        method: "get",
        layout: "row",
        children: [
          textField({
            name: "person",
            label: text.events.person,
            placeholder: text.events.personHint,
            value: name.slice(0, 254),
          }),
          selectField({
            name: "kind",
            label: text.events.kind,
            value: kind ?? "",
            options: [
              { value: "", label: text.events.allKinds },
              ...EVENT_KINDS.map((value) => ({ value, label: text.events.kinds[value] })),
            ],
          }),
          actions(button({ label: text.events.apply, kind: "quiet", icon: "search" })),
        ],
      }),
      page.rows.length === 0
        ? emptyState({
            sentence: nobody ? text.events.nobodyKnown : text.events.none,
            action: linkButton({ href: "/events", label: text.events.showAll, kind: "quiet" }),
          })
        : [
            eventList(visit, page, (at) => `/events?${new URLSearchParams({ ...filter, ...at })}`),
            downloads(visit, filter),
          ],
    ],
  });
}

/** What one person did and what was done to them, for whoever helps them. */
export function personEventsPage(
  visit: SupportVisit,
  { id, name }: Pick<Person, "id" | "name">,
  page: Newest<Event>,
): Answer {
  const { text } = visit;
  return appPage(visit, {
    title: text.events.of(name),
    width: "wide",
    action: linkButton({ href: `/users/${id}`, label: text.events.back, kind: "quiet" }),
    children:
      page.rows.length === 0
        ? emptyState({ sentence: text.events.none })
        : eventList(visit, page, (at) => `/users/${id}/events?${new URLSearchParams(at)}`),
  });
}

function eventList(
  visit: SupportVisit,
  page: Newest<Event>,
  href: (query: Record<string, string>) => string,
): Content[] {
  const { text } = visit;
  return [
    table({
      caption: text.events.caption,
      columns: [
        { label: text.events.when },
        { label: text.events.what },
        { label: text.events.who },
        { label: text.events.whom },
        { label: text.events.where },
      ],
      rows: page.rows.map((event) => row(visit, event)),
    }),
    agePager(page, { words: text.events, place: ({ id }) => String(id), href }),
  ];
}

/** The same events as files, all pages of them. */
function downloads({ text }: AdministratorVisit, filter: Record<string, string>): Content {
  return actions(
    EXPORT_FORMATS.map((format) =>
      form({
        action: "/events/export",
        layout: "bare",
        hidden: { ...filter, format },
        children: button({ label: text.events.download[format], kind: "quiet", icon: "download" }),
      }),
    ),
  );
}

/** Who acts without being anybody here. */
const AUTHORS = ["operator", "host"] as const;

function row(visit: SupportVisit, event: Event): Content[] {
  const { text } = visit;
  const { actor, user, details } = event;
  const device = deviceName(event.userAgent, text);
  const where = event.address === "-" ? text.common.commandLine : event.address;
  return [
    dateTime(visit, event.at),
    what(visit, event),
    actor !== null
      ? cut(actor.name, `/users/${actor.id}`)
      : text.events[("by" in details && AUTHORS.find((known) => known === details.by)) || "stranger"],
    user === null || user.id === actor?.id ? "" : cut(user.name, `/users/${user.id}`),
    cut(device === undefined ? where : text.events.device(where, device)),
  ];
}

/** What happened, with the details where it has some; what people typed may be long. */
function what(visit: SupportVisit, { kind, details }: Event): Content {
  const { text } = visit;
  const said = detailsOf(kind, details, { text, reader: reader(visit) });
  return said === undefined ? text.events.kinds[kind] : short(text.events.told(text.events.kinds[kind], said));
}
