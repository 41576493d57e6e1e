"""Pure decisions of the widget: which values are kept, who is whom, which pages may write."""
