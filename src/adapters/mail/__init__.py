"""Mail: bytes to the value `domain.letter.Letter`, in steps that each have a module; and header fields to send.

`reading` is the front door: its functions put the steps together, and outside this package they alone read
a letter. `cutting` bounds the letter and sets large attachments aside before it is parsed, `message` is what the parser
builds, `headers` and `charsets` decode, `bodies` chooses the text, `rtf` and `tnef` open what Outlook wraps, `markup`
turns HTML into marked lines (`nesting` bounds it, `numbering` counts its lists), `quotes` separates the new text by what
`attributions`, `copied_headers`, `quoting` and `signatures` know of programs and people, `reports` reads delivery reports, `kinds`
names the kind, `authentication` finds what SES wrote, and `files` lists attachments. `writing` is the other direction.
"""
