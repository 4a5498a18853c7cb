"""A person's own keys: one field for each action of the keymap."""

from typing import Any

from django import forms

from trust import key_names, keymap


class KeyboardForm(forms.Form):
    def __init__(self, data: Any = None, *, own_keys: dict[str, str]) -> None:
        super().__init__(data)
        for action, name in key_names.ALL.items():
            field = forms.CharField(label=name, required=False, max_length=keymap.LONGEST)
            field.initial = keymap.key_of(action, own_keys)
            field.widget.attrs |= {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
            self.fields[action] = field

    def clean(self) -> dict[str, Any]:
        for action, sentence in keymap.errors_in(self.own_keys(), key_names.ALL).items():
            if action not in self.errors:
                self.add_error(action, sentence)
        return self.cleaned_data

    def own_keys(self) -> dict[str, str]:
        """Return the keys that differ from the usual ones; a field that was emptied takes the usual one back."""
        keys = {action: self.cleaned_data.get(action, "") for action in key_names.ALL}
        return {action: key for action, key in keys.items() if key and key != keymap.KEYMAP[action]}

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(title, [self[action] for action in names]) for title, names in key_names.NAMES.items()]
