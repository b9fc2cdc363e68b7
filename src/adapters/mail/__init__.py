"""Reading mail: bytes to the value `domain.letter.Letter`, in steps that each have a module.

`cutting` bounds the letter and sets large attachments aside before it is parsed, `headers` and
`charsets` decode, `bodies` chooses the text, `markup` turns HTML into marked lines, `quotes` and
`signatures` tell the new text apart, `reports` reads delivery reports, `kinds` names the kind, and
`authentication` finds what SES wrote. `adapters.mail.reading.read_letter` puts them together.
"""
