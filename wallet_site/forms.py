from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """`{{ form }}` renders the error summary and every field; `{{ form.name.as_field_group }}` one field."""

    form_template_name = "_partials/_form.html"
    field_template_name = "_partials/_field.html"
