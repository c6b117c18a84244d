"""A blueprint that uses every key of the language, and for each key another text that differs in it alone."""

from __future__ import annotations

#: One open order is made of it; `test_sameness` does.
EVERYTHING = """\
blueprint: every
language: 1
languages: [en, zh]
title: Everything
help: All of it.
roles:
  sales: {title: Sales}
  boss: {title: Boss, includes: [sales]}
forms:
  customer:
    life: reference
    key: code
    show: "{code}"
    fields:
      code: {type: text, required: yes, unique: yes}
      other: {type: text, unique: yes}
      size: {type: number, default: 5}
      open: {type: yes_no, default: yes}
    grants: [{who: sales, may: all}]
  task:
    fields:
      about: {type: link, to: order}
      points: {type: number, default: 3}
      more: {type: number, default: 3}
    states: {todo: {start: true}, doing: {}, done: {final: true}}
    actions:
      begin: {from: todo, to: doing, by: sales, ask: {why: {type: text}, how: {type: text}}}
      back: {from: doing, to: todo, by: sales}
      finish: {from: [todo, doing], to: done, by: sales, ask: {why: {type: text}}}
    grants: [{who: sales, may: all}]
  order:
    title: Order
    plural: Orders
    help: What somebody buys.
    icon: truck
    show: "{name} {record.number}"
    number:
      pattern: "A-{counter:3}"
      policy: gapless
      at: create
    currency: EUR
    amount: price
    due: day
    fields:
      name:
        type: text
        title: Name
        help: Who it is.
        required: yes
        max_length: 50
        min_length: 1
        pattern: "[A-Z].*"
        unique: yes
        index: no
        internal: no
        check:
          that: name != "Zero"
          message: No zero.
      buyer:
        type: link
        to: customer
        where: open = true
      seller:
        type: user
        role: sales
      urgent: {type: yes_no, default: no, editable: no}
      late: {type: text, visible: urgent}
      color:
        type: choice
        default: red
        widget: select
        options:
          red: {title: Red}
          blue: {title: Blue, retired: no}
      weight: {type: number, decimals: 2, min: 0, max: 100, unit: kg, fill: buyer.size}
      rate: {type: percent, decimals: 2, min: 0, max: 100}
      day: {type: date, min: 2026-01-01, max: 2036-01-01, retired: no}
      price: {type: money, currency: EUR, min: 0, max: 1000}
      fit: {type: choice, options: sizes}
      scan: {type: barcode, digits: any, pattern: "[0-9]+"}
      stars: {type: rating, max: 5}
      start: {type: datetime, min: 2026-01-01T00:00Z, max: 2026-12-31T00:00Z}
      opens: {type: time, min: 08:00, max: 20:00}
      takes: {type: duration, min: PT15M, max: PT8H}
      answer:
        type: clock
        starts: waiting
        pauses: asked
        stops: sent
        within: 8 hours
        calendar: office
      tags: {type: choices, options: [new, old]}
      notes: {type: long_text, max_length: 900}
      secret: {type: number, private: [boss], default: 4}
      shown: {type: number, compute: secret * 2, declassify: [secret]}
      size: {type: number, compute: buyer.size, snapshot: [sent]}
      level: {type: text, compute: levels(weight)}
      fee: {type: number, compute: if costs(1) > 2 then 1 else 0}
      first: {type: link, to: task}
      lines:
        type: table
        min: 0
        max: 9
        fields:
          what: {type: text, required: yes}
          much: {type: number, default: 1}
    sections:
      who: {title: Who, fields: [name, buyer]}
      rest:
        title: Rest
        fields: [color, weight, urgent, seller, late, rate, day, price, notes, secret, shown, size, level]
      last: {fields: [fee, first, fit, scan, stars, tags, lines]}
    checks:
      light:
        that: weight = null or weight < 90
        message: Too heavy.
        field: weight
        when: urgent = false
    states:
      draft: {title: Draft, help: Being written., due: day, start: true}
      waiting: {held: no, retired: no}
      asked: {}
      other: {}
      sent: {}
      gone: {final: true}
    actions:
      send:
        title: Send
        help: Off it goes.
        from: draft
        to: sent
        by: sales
        when: urgent = false
        message: It is urgent.
        confirm: Send it now?
        done: sent
        task: yes
        ask:
          why: {type: text, title: Why, required: no}
        effects:
          - set: {late: sent}
          - create: {form: task, with: {points: 1, about: = record}}
          - create: {form: task, each: lines, with: {points: = that.much}}
          - update: {link: buyer, set: {size: 7}}
          - update: {form: task, where: about = this, set: {points: 8}}
          - assign: = user
          - notify: {role: boss, send: news}
          - notify: {user: = user, send: news}
          - notify: {to: [boss, owner], send: news}
          - notify: {address: name, language: color, send: letter}
          - act: {form: task, where: about = this, action: begin, with: {why: so}}
      pause: {from: draft, during: other, to: sent, by: sales, approval: second, rejected: draft}
      hold: {from: draft, to: waiting, by: sales, effects: [{start: called}]}
      park: {from: sent, to: waiting, by: sales}
      end: {from: [sent, waiting], to: gone, by: sales}
      close:
        from: sent
        during: asked
        to: gone
        by: sales
        approval: closing
        rejected: sent
        returned: waiting
        approves: [weight]
        approves_until: gone
      turn: {from: sent, by: sales, to: [{when: urgent, to: gone}, {to: waiting}]}
    approvals:
      closing:
        title: Closing
        help: Before it is over.
        own: no
        repeats: skip
        comment: always
        recall: 5 minutes
        decide_on: [weight]
        steps:
          first:
            title: The first
            help: Somebody first.
            when: weight > 5
            approvers: [sales, {role: boss, weight: 2}, {user: = seller, weight: 3}]
            need: {weight: 2}
            comment: never
            due: 3 hours
            overdue: remind
            calendar: office
          both:
            together: {one: {approvers: boss}, two: {approvers: sales, need: 60%}}
      second:
        steps: {alone: {approvers: boss}}
    rules:
      many:
        title: Many
        help: Too many of them.
        at: [save, send]
        priority: 5
        when: facts.tasks > 3
        unless: urgent
        valid: {from: 2026-01-01, to: 2036-01-01}
        then:
          - set: {notes: Many}
          - refuse: {message: Far too many., field: name}
          - warn: Many.
          - require: boss
          - notify: {role: sales, send: news}
          - assign: = user
      sums:
        at: send
        when: facts.points + facts.least + facts.most + facts.last > 1000
        then:
          - create: {form: task, with: {points: 2}}
          - warn: Sums.
    timers:
      reminder:
        title: Reminder
        help: Nobody has looked.
        states: [sent, waiting]
        field: start
        after: 2 working days
        calendar: office
        time: "8:00"
        unless: late != null
        then:
          - notify: {to: boss, send: olds}
        repeat: {every: 1 working day, most: 3}
      early: {at: start, before: 2 days, then: [{stop: called}]}
      called: {after: 1 week, then: [{set: {notes: Called}}]}
    facts:
      tasks: {title: Tasks, count: task, where: about = this}
      all_tasks: {count: task}
      points: {sum: task.points}
      least: {min: task.points}
      most: {max: task.points}
      last: {latest: task.points}
    grants:
      - {who: sales, may: [view, create, edit, comment]}
      - {who: boss, may: [edit], states: [draft], where: urgent = false, read: [name], write: [name], hide: [notes]}
      - {who: boss, may: [delete], deny: yes}
    lists:
      all: {title: All, columns: [name, color], where: urgent = false, sort: [name]}
tables:
  levels:
    title: Levels
    help: How high.
    hit: first
    in:
      weight: {type: number, title: Weight, help: In kilos., values: ">= 0", decimals: 2}
    out:
      level: {type: text, title: Level, values: [low, high]}
    rows:
      - ["> 50", high]
      - ["> 10", low]
    default: low
  costs:
    in: {n: number}
    out: {cost: {type: money, currency: EUR}}
    rows: [[">= 0", 1]]
options:
  sizes: [S, M]
calendars:
  office:
    title: The office
    zone: Europe/Copenhagen
    hours:
      monday: 8:00-16:00
      tuesday: 8:00-15:00
      wednesday: 8:00-14:00
      thursday: 8:00-13:00
      friday: 8:00-12:00
      saturday: 8:00-11:00
      sunday: 8:00-10:00
    holidays: DK
    days:
      2026-12-24: {title: Christmas Eve, hours: 8:00-11:00}
messages:
  news: "News of {record.number}."
  olds: "Olds."
  letter: {subject: "A letter.", body: "Dear you."}
translations:
  zh:
    title: 一切
samples:
  customer: [{code: A}]
scenarios:
  it works:
    as: anna (sales)
    steps:
      - create: customer
        with: {code: B}
      - expect: {values: {code: B}}
"""

#: (shape, key) → the text that stands once in `EVERYTHING`, and what is there instead.
CHANGES: dict[tuple[str, str], tuple[str, str]] = {
    ("blueprint", "languages"): ("languages: [en, zh]", "languages: [en, zh, da]"),
    ("blueprint", "title"): ("title: Everything", "title: All things"),
    ("blueprint", "help"): ("help: All of it.", "help: Most of it."),
    ("blueprint", "roles"): ("  boss: {title: Boss,", "  chief: {title: Chief}\n  boss: {title: Boss,"),
    ("blueprint", "forms"): (
        "  order:\n",
        "  stamp: {fields: {ink: {type: text}}, grants: [{who: sales, may: all}]}\n  order:\n",
    ),
    ("blueprint", "tables"): (
        "  costs:",
        "  more:\n    in: {n: number}\n    out: {x: number}\n    rows: [['>= 0', 1]]\n  costs:",
    ),
    ("blueprint", "options"): ("  sizes: [S, M]\n", "  sizes: [S, M, L]\n"),
    ("blueprint", "calendars"): (
        "calendars:\n",
        "calendars:\n  shop: {zone: UTC, hours: {monday: 1-2}}\n",
    ),
    ("calendar", "title"): ("title: The office", "title: An office"),
    ("calendar", "zone"): ("zone: Europe/Copenhagen", "zone: Europe/Oslo"),
    ("calendar", "hours"): ("      sunday: 8:00-10:00\n", ""),
    ("calendar", "holidays"): ("holidays: DK", "holidays: DE-MV"),
    ("calendar", "days"): ("      2026-12-24:", "      2026-12-31: New Year's Eve\n      2026-12-24:"),
    ("working_hours", "monday"): ("monday: 8:00-16:00", "monday: 7:00-16:00"),
    ("working_hours", "tuesday"): ("tuesday: 8:00-15:00", "tuesday: 7:00-15:00"),
    ("working_hours", "wednesday"): ("wednesday: 8:00-14:00", "wednesday: 7:00-14:00"),
    ("working_hours", "thursday"): ("thursday: 8:00-13:00", "thursday: 7:00-13:00"),
    ("working_hours", "friday"): ("friday: 8:00-12:00", "friday: 7:00-12:00"),
    ("working_hours", "saturday"): ("saturday: 8:00-11:00", "saturday: 7:00-11:00"),
    ("working_hours", "sunday"): ("sunday: 8:00-10:00", "sunday: 7:00-10:00"),
    ("own_day", "title"): ("title: Christmas Eve", "title: Holy Eve"),
    ("own_day", "hours"): (", hours: 8:00-11:00", ""),
    ("blueprint", "messages"): ('"News of {record.number}."', '"All news of {record.number}."'),
    ("blueprint", "translations"): ("    title: 一切", "    title: 所有"),
    ("blueprint", "samples"): ("[{code: A}]", "[{code: C}]"),
    ("blueprint", "scenarios"): ("  it works:", "  it goes:"),
    ("role", "title"): ("{title: Sales}", "{title: Selling}"),
    ("role", "includes"): (", includes: [sales]}", "}"),
    ("form", "title"): ("title: Order\n", "title: Purchase\n"),
    ("form", "plural"): ("plural: Orders", "plural: Purchases"),
    ("form", "help"): ("help: What somebody buys.", "help: What is bought."),
    ("form", "icon"): ("icon: truck", "icon: box"),
    ("form", "life"): ("  customer:\n    life: reference", "  customer:\n    life: process"),
    ("form", "key"): ("    key: code", "    key: other"),
    ("form", "show"): ('"{name} {record.number}"', '"{record.number} {name}"'),
    ("form", "number"): ("at: create", "at: send"),
    ("form", "currency"): ("    currency: EUR\n    amount", "    currency: DKK\n    amount"),
    ("form", "amount"): ("    amount: price", "    amount: weight"),
    ("form", "due"): ("    due: day\n", ""),
    ("form", "fields"): ("      lines:\n", "      extra: {type: text}\n      lines:\n"),
    ("form", "sections"): ("fields: [name, buyer]}", "fields: [buyer, name]}"),
    ("form", "unique"): ("    due: day\n", "    due: day\n    unique: {both: [name, color]}\n"),
    ("form", "checks"): ("      light:\n", "      calm: {that: urgent = false, message: Calm.}\n      light:\n"),
    ("form", "states"): ("      sent: {}\n      gone: {final: true}", "      gone: {final: true}\n      sent: {}"),
    ("form", "actions"): ("      hold: {", "      stop: {from: draft, to: gone, by: sales}\n      hold: {"),
    ("form", "rules"): (
        "      sums:",
        "      small: {at: save, when: weight < 1, then: [{warn: Small.}]}\n      sums:",
    ),
    ("form", "timers"): ("      early: {", "      soon: {at: start, then: [{set: {notes: Soon}}]}\n      early: {"),
    ("timer", "title"): ("title: Reminder", "title: A reminder"),
    ("timer", "help"): ("help: Nobody has looked.", "help: Somebody should look."),
    ("timer", "states"): ("states: [sent, waiting]", "states: [sent]"),
    ("timer", "field"): ("        field: start\n", "        field: day\n"),
    ("timer", "at"): ("early: {at: start", 'early: {at: start + duration("P1D")'),
    ("timer", "after"): ("after: 2 working days", "after: 3 working days"),
    ("timer", "before"): ("before: 2 days", "before: 3 days"),
    ("timer", "calendar"): ("before: 2 days, then", "before: 2 days, calendar: office, then"),
    ("timer", "time"): ('time: "8:00"', 'time: "9:00"'),
    ("timer", "unless"): ("        unless: late != null\n", ""),
    ("timer", "then"): ("notify: {to: boss, send: olds}", "notify: {to: sales, send: olds}"),
    ("timer", "repeat"): ("        repeat: {every: 1 working day, most: 3}\n", ""),
    ("timer", "was"): ("early: {at", "early: {was: late, at"),
    ("timer_repeat", "every"): ("every: 1 working day", "every: 2 working days"),
    ("timer_repeat", "most"): ("most: 3}", "most: 4}"),
    ("effect", "start"): ("effects: [{start: called}]", "effects: [{start: early}]"),
    ("effect", "stop"): ("then: [{stop: called}]", "then: [{stop: reminder}]"),
    ("form", "facts"): ("      tasks: {", "      many: {count: task}\n      tasks: {"),
    ("form", "grants"): ("may: [view, create, edit, comment]", "may: [view, create, edit]"),
    ("form", "lists"): ("columns: [name, color]", "columns: [color, name]"),
    ("form", "retired"): ("    plural: Orders", "    retired: yes\n    plural: Orders"),
    ("form", "was"): ("    plural: Orders", "    was: purchase\n    plural: Orders"),
    ("field", "type"): ("notes: {type: long_text, max_length: 900}", "notes: {type: text, max_length: 900}"),
    ("field", "title"): ("title: Name", "title: Called"),
    ("field", "help"): ("help: Who it is.", "help: Who is it?"),
    ("field", "required"): ("type: long_text,", "type: long_text, required: yes,"),
    ("field", "visible"): ("visible: urgent}", "visible: urgent = true}"),
    ("field", "editable"): ("default: no, editable: no", "default: no, editable: yes"),
    ("field", "default"): ("much: {type: number, default: 1}", "much: {type: number, default: 2}"),
    ("field", "compute"): ("compute: secret * 2", "compute: secret * 3"),
    ("field", "fill"): ("fill: buyer.size", "fill: buyer.size * 2"),
    ("field", "unique"): ("unique: yes\n        index: no", "unique: no\n        index: no"),
    ("field", "check"): ('that: name != "Zero"', 'that: name != "Nil"'),
    ("field", "binds"): ("type: percent,", "type: percent, binds: always,"),
    ("field_check", "binds"): ("message: No zero.", "message: No zero.\n          binds: always"),
    ("check", "binds"): ("message: Too heavy.", "message: Too heavy.\n        binds: always"),
    ("field", "private"): ("private: [boss]", "private: [boss, sales]"),
    ("field", "declassify"): (", declassify: [secret]", ""),
    ("field", "index"): ("index: no", "index: yes"),
    ("field", "internal"): ("internal: no", "internal: yes"),
    ("field", "snapshot"): ("snapshot: [sent]", "snapshot: [sent, gone]"),
    ("field", "was"): ("what: {type: text,", "what: {was: item, type: text,"),
    ("field", "retired"): ("max: 2036-01-01, retired: no}", "max: 2036-01-01, retired: yes}"),
    ("option", "title"): ("{title: Red}", "{title: Crimson}"),
    ("option", "retired"): ("{title: Blue, retired: no}", "{title: Blue, retired: yes}"),
    ("option", "was"): ("red: {title: Red}", "red: {title: Red, was: scarlet}"),
    ("option", "becomes"): (
        "          red: {title: Red}\n",
        "          red: {title: Red}\n          old: {becomes: red}\n",
    ),
    ("field_check", "that"): ('that: name != "Zero"', 'that: name != "Null"'),
    ("field_check", "message"): ("message: No zero.", "message: Not zero."),
    ("number", "pattern"): ('"A-{counter:3}"', '"B-{counter:3}"'),
    ("number", "policy"): ("policy: gapless", "policy: fast"),
    ("number", "at"): ("at: create", "at: end"),
    ("section", "title"): ("title: Rest", "title: Others"),
    ("section", "fields"): ("fields: [color, weight,", "fields: [weight, color,"),
    ("check", "that"): ("weight < 90", "weight < 80"),
    ("check", "message"): ("message: Too heavy.", "message: Heavy."),
    ("check", "field"): ("        field: weight\n", ""),
    ("check", "when"): ("        when: urgent = false\n    states", "        when: urgent\n    states"),
    ("state", "title"): ("draft: {title: Draft", "draft: {title: Begun"),
    ("state", "help"): ("help: Being written.", "help: Not ready."),
    ("state", "start"): ("{todo: {start: true}, doing: {},", "{todo: {}, doing: {start: true},"),
    ("state", "final"): ("      gone: {final: true}", "      gone: {final: stopped}"),
    ("state", "held"): ("held: no", "held: yes"),
    ("state", "due"): ("due: day, start", "start"),
    ("state", "was"): ("      waiting: {held", "      waiting: {was: paused, held"),
    ("state", "becomes"): ("      sent: {}\n", "      sent: {}\n      old: {becomes: sent}\n"),
    ("state", "retired"): ("waiting: {held: no, retired: no}", "waiting: {held: no, retired: yes}"),
    ("action", "title"): ("title: Send\n", "title: Post\n"),
    ("action", "help"): ("help: Off it goes.", "help: On it goes."),
    ("action", "from"): ("from: [sent, waiting]", "from: [draft, sent, waiting]"),
    ("action", "to"): ("hold: {from: draft, to: waiting", "hold: {from: draft, to: sent"),
    ("action", "by"): (
        "hold: {from: draft, to: waiting, by: sales",
        "hold: {from: draft, to: waiting, by: boss",
    ),
    ("action", "when"): (
        "        when: urgent = false\n        message",
        "        when: urgent = false or late = null\n        message",
    ),
    ("action", "ask"): ("title: Why, required: no}", "title: Why, required: yes}"),
    ("action", "effects"): (
        "          - set: {late: sent}\n",
        "          - set: {late: sent}\n          - set: {notes: sent}\n",
    ),
    ("action", "confirm"): ("confirm: Send it now?", "confirm: Send it?"),
    ("action", "message"): ("message: It is urgent.", "message: Not while it is urgent."),
    ("action", "done"): ("        done: sent\n", "        done: posted\n"),
    ("action", "task"): ("task: yes", "task: no"),
    ("action", "was"): ("      hold: {from", "      hold: {was: keep, from"),
    ("action", "approval"): ("        approval: closing\n", "        approval: second\n"),
    ("action", "during"): ("        during: asked\n", "        during: other\n"),
    ("action", "rejected"): ("        rejected: sent\n", "        rejected: draft\n"),
    ("action", "returned"): ("        returned: waiting\n", "        returned: draft\n"),
    ("action", "approves"): ("        approves: [weight]\n", "        approves: [weight, rate]\n"),
    ("action", "approves_until"): ("        approves_until: gone\n", ""),
    ("form", "approvals"): ("      second:\n", "      third: {steps: {a: {approvers: boss}}}\n      second:\n"),
    ("approval", "title"): ("title: Closing", "title: Ending"),
    ("approval", "help"): ("help: Before it is over.", "help: It is over then."),
    ("approval", "own"): ("        own: no\n", "        own: yes\n"),
    ("approval", "repeats"): ("repeats: skip", "repeats: ask"),
    ("approval", "comment"): ("        comment: always\n", "        comment: never\n"),
    ("approval", "recall"): ("recall: 5 minutes", "recall: 6 minutes"),
    ("approval", "decide_on"): ("decide_on: [weight]", "decide_on: [rate]"),
    ("approval", "steps"): ("          both:\n", "          last: {approvers: boss}\n          both:\n"),
    ("approval", "was"): ("        title: Closing\n", "        title: Closing\n        was: ending\n"),
    ("approval_step", "title"): ("title: The first", "title: First of all"),
    ("approval_step", "help"): ("help: Somebody first.", "help: First somebody."),
    ("approval_step", "when"): ("            when: weight > 5\n", "            when: weight > 6\n"),
    ("approval_step", "approvers"): ("approvers: [sales, {role", "approvers: [owner, {role"),
    ("approval_step", "need"): ("need: 60%", "need: 70%"),
    ("approval_step", "comment"): ("            comment: never\n", "            comment: decline\n"),
    ("approval_step", "due"): ("due: 3 hours", "due: 4 hours"),
    ("approval_step", "overdue"): ("overdue: remind", "overdue: escalate"),
    ("approval_step", "calendar"): ("            calendar: office\n", ""),
    ("approval_step", "together"): ("{one: {approvers: boss}, two:", "{one: {approvers: sales}, two:"),
    ("approval_step", "was"): (
        "            title: The first\n",
        "            title: The first\n            was: one_more\n",
    ),
    ("approver", "role"): ("{role: boss, weight: 2}", "{role: sales, weight: 2}"),
    ("approver", "user"): ("{user: = seller, weight: 3}", "{user: = record.owner, weight: 3}"),
    ("approver", "weight"): ("{role: boss, weight: 2}", "{role: boss, weight: 4}"),
    ("need", "weight"): ("need: {weight: 2}", "need: {weight: 3}"),
    ("destination", "when"): ("when: urgent, to: gone", "when: urgent = false, to: gone"),
    ("destination", "to"): ("{to: waiting}]", "{to: sent}]"),
    ("notify", "to"): ("notify: {to: [boss, owner], send: news}", "notify: {to: [boss, = user], send: news}"),
    ("effect", "set"): ("set: {late: sent}", "set: {late: gone}"),
    ("effect", "when"): (
        "          - notify: {user: = user, send: news}\n",
        "          - {when: urgent, notify: {user: = user, send: news}}\n",
    ),
    ("effect", "create"): ("          - create: {form: task, with: {points: 1, about: = record}}\n", ""),
    ("effect", "update"): ("          - update: {link: buyer, set: {size: 7}}\n", ""),
    ("effect", "assign"): (
        "          - assign: = user\n          - notify: {role: boss",
        "          - notify: {role: boss",
    ),
    ("effect", "notify"): ("          - notify: {role: boss, send: news}\n", ""),
    ("effect", "act"): ("          - act: {form: task, where: about = this, action: begin, with: {why: so}}\n", ""),
    ("create", "form"): ("create: {form: task, with: {points: 2}}", "create: {form: customer, with: {code: = name}}"),
    ("create", "each"): ("form: task, each: lines,", "form: task, each: '= lines[much > 2]',"),
    ("create", "with"): ("with: {points: 1,", "with: {points: 9,"),
    ("create", "link"): ("with: {points: 1, about: = record}}", "with: {points: 1, about: = record}, link: first}"),
    ("update", "link"): ("update: {link: buyer, set: {size: 7}}", "update: {form: customer, set: {size: 7}}"),
    ("update", "form"): (
        "update: {form: task, where: about = this, set: {points: 8}}",
        "update: {link: buyer, set: {size: 8}}",
    ),
    ("update", "where"): ("where: about = this, set: {points: 8}", "where: about != this, set: {points: 8}"),
    ("update", "set"): ("set: {points: 8}", "set: {points: 9}"),
    ("notify", "role"): ("notify: {role: boss", "notify: {role: sales"),
    ("notify", "user"): ("notify: {user: = user", "notify: {user: = seller"),
    ("notify", "address"): ("notify: {address: name,", "notify: {address: color,"),
    ("notify", "language"): (", language: color", ""),
    ("message", "subject"): ('subject: "A letter."', 'subject: "A long letter."'),
    ("message", "body"): ('body: "Dear you."', 'body: "Dear all."'),
    ("notify", "send"): ("notify: {role: boss, send: news}", "notify: {role: boss, send: olds}"),
    ("act", "link"): ("act: {form: task, where: about = this,", "act: {link: first,"),
    ("act", "form"): ("act: {form: task, where: about = this,", "act: {link: first,"),
    ("act", "where"): ("where: about = this, action", "where: about != this, action"),
    ("act", "action"): ("action: begin", "action: finish"),
    ("act", "with"): ("with: {why: so}", "with: {why: thus}"),
    ("grant", "who"): ("- {who: boss, may: [edit]", "- {who: sales, may: [edit]"),
    ("grant", "may"): ("- {who: boss, may: [edit]", "- {who: boss, may: [edit, export]"),
    ("grant", "states"): ("states: [draft], where", "states: [draft, sent], where"),
    ("grant", "where"): ("where: urgent = false, read", "where: urgent = true, read"),
    ("grant", "read"): ("read: [name]", "read: [name, color]"),
    ("grant", "write"): ("write: [name]", "write: [name, color]"),
    ("grant", "hide"): ("hide: [notes]", "hide: [late]"),
    ("grant", "deny"): ("may: [delete], deny: yes", "may: [delete], deny: no"),
    ("list", "title"): ("all: {title: All", "all: {title: Every"),
    ("list", "columns"): ("columns: [name, color]", "columns: [name]"),
    ("list", "where"): ("where: urgent = false, sort", "where: urgent = true, sort"),
    ("list", "sort"): ("sort: [name]", "sort: [-name]"),
    ("rule", "title"): ("title: Many\n", "title: Lots\n"),
    ("rule", "help"): ("help: Too many of them.", "help: Too much of it."),
    ("rule", "at"): ("at: [save, send]", "at: send"),
    ("rule", "priority"): ("priority: 5", "priority: 6"),
    ("rule", "when"): ("when: facts.tasks > 3", "when: facts.tasks > 4"),
    ("rule", "unless"): ("        unless: urgent\n", ""),
    ("rule", "valid"): ("        valid: {from: 2026-01-01, to: 2036-01-01}\n", ""),
    ("rule", "then"): ("          - warn: Many.\n", ""),
    ("rule", "was"): ("        at: [save, send]", "        was: plenty\n        at: [save, send]"),
    ("valid", "from"): ("valid: {from: 2026-01-01", "valid: {from: 2026-01-02"),
    ("valid", "to"): ("2036-01-01}\n        then", "2036-01-02}\n        then"),
    ("outcome", "set"): ("set: {notes: Many}", "set: {notes: Lots}"),
    ("outcome", "refuse"): ("          - refuse: {message: Far too many., field: name}\n", ""),
    ("outcome", "warn"): ("- warn: Many.", "- warn: Plenty."),
    ("outcome", "require"): ("- require: boss", "- require: [boss, sales]"),
    ("outcome", "notify"): ("          - notify: {role: sales, send: news}\n", ""),
    ("outcome", "assign"): (
        "          - assign: = user\n      sums:",
        "      sums:",
    ),
    ("outcome", "create"): ("          - create: {form: task, with: {points: 2}}\n", ""),
    ("rule_message", "message"): ("message: Far too many.", "message: Too many."),
    ("rule_message", "field"): (", field: name}", "}"),
    ("fact", "title"): ("title: Tasks", "title: Jobs"),
    ("fact", "count"): ("all_tasks: {count: task}", "all_tasks: {count: customer}"),
    ("fact", "sum"): ("sum: task.points", "sum: task.more"),
    ("fact", "min"): ("min: task.points", "min: task.more"),
    ("fact", "max"): ("max: task.points", "max: task.more"),
    ("fact", "latest"): ("latest: task.points", "latest: task.more"),
    ("fact", "where"): ("count: task, where: about = this", "count: task, where: about != this"),
    ("fact", "was"): ("tasks: {title", "tasks: {was: jobs, title"),
    ("table", "title"): ("title: Levels", "title: Heights"),
    ("table", "help"): ("help: How high.", "help: How low."),
    ("table", "hit"): ("hit: first", "hit: priority"),
    ("table", "in"): ("      weight: {type: number, title", "      mass: {type: number, title"),
    ("table", "out"): ("      level: {type: text, title", "      height: {type: text, title"),
    ("table", "rows"): ('"> 50"', '"> 60"'),
    ("table", "default"): ("default: low", "default: high"),
    ("table", "was"): ("    hit: first", "    was: heights\n    hit: first"),
    ("table_column", "type"): ("cost: {type: money, currency: EUR}", "cost: {type: number}"),
    ("table_column", "title"): ("title: Weight", "title: Mass"),
    ("table_column", "help"): ("help: In kilos.", "help: In grams."),
    ("table_column", "values"): ('values: ">= 0"', 'values: ">= 1"'),
    ("table_column", "decimals"): ('">= 0", decimals: 2', '">= 0", decimals: 3'),
    ("table_column", "currency"): ("cost: {type: money, currency: EUR}", "cost: {type: money, currency: DKK}"),
    ("scenario", "as"): ("as: anna (sales)", "as: bert (sales)"),
    ("scenario", "steps"): (
        "create: customer\n        with: {code: B}",
        "create: customer\n        with: {code: B, size: 1}",
    ),
    # What the types of fields bring.
    ("text", "max_length"): ("max_length: 50", "max_length: 60"),
    ("text", "min_length"): ("min_length: 1", "min_length: 2"),
    ("text", "pattern"): ('pattern: "[A-Z].*"', 'pattern: "[A-Y].*"'),
    ("text", "pattern_message"): (
        'pattern: "[A-Z].*"\n',
        'pattern: "[A-Z].*"\n        pattern_message: A capital first.\n',
    ),
    ("long_text", "max_length"): ("max_length: 900", "max_length: 901"),
    ("link", "to"): ("first: {type: link, to: task}", "first: {type: link, to: customer}"),
    ("link", "where"): ("where: open = true", "where: open = false"),
    ("user", "role"): ("role: sales\n", "role: boss\n"),
    ("choice", "options"): (
        "          red: {title: Red}\n",
        "          red: {title: Red}\n          green: {title: Green}\n",
    ),
    ("choice", "widget"): ("widget: select", "widget: radio"),
    ("number", "decimals"): ("weight: {type: number, decimals: 2", "weight: {type: number, decimals: 3"),
    ("number", "min"): ("decimals: 2, min: 0, max: 100, unit", "decimals: 2, min: 1, max: 100, unit"),
    ("number", "max"): ("min: 0, max: 100, unit", "min: 0, max: 99, unit"),
    ("number", "unit"): ("unit: kg", "unit: lb"),
    ("percent", "decimals"): ("percent, decimals: 2", "percent, decimals: 3"),
    ("percent", "min"): ("percent, decimals: 2, min: 0", "percent, decimals: 2, min: 1"),
    ("percent", "max"): ("percent, decimals: 2, min: 0, max: 100", "percent, decimals: 2, min: 0, max: 99"),
    ("date", "min"): ("min: 2026-01-01, max: 2036-01-01, retired", "min: 2026-01-02, max: 2036-01-01, retired"),
    ("date", "max"): ("max: 2036-01-01, retired", "max: 2036-01-02, retired"),
    ("money", "currency"): ("money, currency: EUR, min", "money, currency: DKK, min"),
    ("money", "min"): ("currency: EUR, min: 0", "currency: EUR, min: 1"),
    ("money", "max"): ("max: 1000}", "max: 999}"),
    ("barcode", "digits"): ("barcode, digits: any", "barcode, digits: gtin"),
    ("barcode", "pattern"): ('pattern: "[0-9]+"}', 'pattern: "[0-9]*"}'),
    ("datetime", "min"): ("min: 2026-01-01T00:00Z", "min: 2026-01-02T00:00Z"),
    ("datetime", "max"): ("max: 2026-12-31T00:00Z", "max: 2026-12-30T00:00Z"),
    ("time", "min"): ("min: 08:00", "min: 08:30"),
    ("time", "max"): ("max: 20:00", "max: 20:30"),
    ("duration", "min"): ("min: PT15M", "min: PT20M"),
    ("duration", "max"): ("max: PT8H", "max: PT9H"),
    ("clock", "starts"): ("        starts: waiting\n", "        starts: [waiting, other]\n"),
    ("clock", "pauses"): ("        pauses: asked\n", "        pauses: [asked, other]\n"),
    ("clock", "stops"): ("        stops: sent\n", "        stops: [sent, other]\n"),
    ("clock", "within"): ("within: 8 hours", "within: 9 hours"),
    ("clock", "calendar"): ("8 hours\n        calendar: office\n", "8 hours\n"),
    ("rating", "max"): ("rating, max: 5", "rating, max: 6"),
    ("choices", "options"): ("options: [new, old]}", "options: [new, old, odd]}"),
    ("table", "fields"): ("          much:", "          more: {type: text}\n          much:"),
    ("table", "min"): ("        min: 0\n        max: 9", "        min: 1\n        max: 9"),
    ("table", "max"): ("        max: 9", "        max: 8"),
    ("table", "fixed"): ("        max: 9", "        max: 9\n        fixed: yes"),
}
