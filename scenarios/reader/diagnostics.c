#include "scenarios/reader/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A longer source line is shown as a window about the caret. */
#define WINDOW 120

static void add(struct scn_diagnostics *list, bool is_warning, struct scn_place place,
                const char *format, va_list args)
{
    uint32_t *count = is_warning ? &list->warnings : &list->errors;
    if (++*count > SCN_MAX_ERRORS) {
        return;
    }
    struct sim_text text = {0};
    sim_text_addv(&text, format, args);
    struct scn_diagnostic *diagnostic = sim_arena_alloc(list->arena, 1, sizeof(*diagnostic));
    diagnostic->is_warning = is_warning;
    diagnostic->place = place;
    diagnostic->text = sim_arena_strdup(list->arena, sim_text_get(&text));
    sim_text_finish(&text);
    if (list->last) {
        list->last->next = diagnostic;
    } else {
        list->first = diagnostic;
    }
    list->last = diagnostic;
}

void scn_error(struct scn_diagnostics *list, struct scn_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(list, false, place, format, args);
    va_end(args);
}

void scn_warning(struct scn_diagnostics *list, struct scn_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(list, true, place, format, args);
    va_end(args);
}

static bool is_after(const struct scn_place *a, const struct scn_place *b)
{
    bool a_override = a->source && a->source->is_override;
    bool b_override = b->source && b->source->is_override;
    if (a_override != b_override) {
        return a_override;
    }
    return !a_override && a->offset > b->offset;
}

void scn_diagnostics_sort(struct scn_diagnostics *list)
{
    /* Insertion keeps the order of equals; the list is short by SCN_MAX_ERRORS. */
    struct scn_diagnostic *sorted = NULL;
    for (struct scn_diagnostic *next, *item = list->first; item; item = next) {
        next = item->next;
        struct scn_diagnostic **link = &sorted;
        while (*link && !is_after(&(*link)->place, &item->place)) {
            link = &(*link)->next;
        }
        item->next = *link;
        *link = item;
    }
    list->first = sorted;
    list->last = NULL;
    for (struct scn_diagnostic *item = sorted; item; item = item->next) {
        list->last = item;
    }
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Characters of UTF-8 text. */
static size_t characters(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count += !is_continuation(text[i]);
    }
    return count;
}

static size_t line_start(const struct scn_place *place)
{
    size_t start = place->offset;
    while (start > 0 && place->source->text[start - 1] != '\n') {
        start--;
    }
    return start;
}

static size_t line_end(const struct scn_place *place)
{
    const struct scn_source *source = place->source;
    size_t end = place->offset;
    while (end < source->length && source->text[end] != '\n' && source->text[end] != '\r') {
        end++;
    }
    return end;
}

uint32_t scn_place_column(const struct scn_place *place)
{
    if (!place->source || place->line == 0) {
        return 0;
    }
    size_t start = line_start(place);
    return (uint32_t)characters(place->source->text + start, place->offset - start) + 1;
}

/* The source line and the carets. A tab stays a tab in both, so that they line up. */
static void format_excerpt(const struct scn_place *place, struct sim_text *text)
{
    const char *source = place->source->text;
    size_t start = line_start(place);
    size_t end = line_end(place);
    const char *dots = "";
    if (end - start > WINDOW) {
        if (place->offset - start > WINDOW / 2) {
            start = place->offset - WINDOW / 2;
            dots = "...";
        }
        if (end - start > WINDOW) {
            end = start + WINDOW;
        }
        while (start < place->offset && is_continuation(source[start])) {
            start++;
        }
        while (end > place->offset && is_continuation(source[end])) {
            end--;
        }
    }
    sim_text_add(text, "  %s", dots);
    sim_text_add_bytes(text, source + start, end - start);
    sim_text_add(text, "\n  %*s", (int)strlen(dots), "");
    for (size_t i = start; i < place->offset; i++) {
        if (!is_continuation(source[i])) {
            sim_text_add_bytes(text, source[i] == '\t' ? "\t" : " ", 1);
        }
    }
    size_t last = place->offset + place->length;
    if (last > end) {
        last = end;
    }
    size_t width =
        last > place->offset ? characters(source + place->offset, last - place->offset) : 1;
    sim_text_add_bytes(text, "^", 1);
    for (size_t i = 1; i < width; i++) {
        sim_text_add_bytes(text, "~", 1);
    }
    sim_text_add_bytes(text, "\n", 1);
}

void scn_diagnostic_format(const struct scn_diagnostic *diagnostic, struct sim_text *text)
{
    const struct scn_place *place = &diagnostic->place;
    const char *kind = diagnostic->is_warning ? "warning: " : "";
    if (!place->source) {
        sim_text_add(text, "%s%s\n", kind, diagnostic->text);
        return;
    }
    if (place->source->is_override || place->line == 0) {
        sim_text_add(text, "%s: %s%s\n", place->source->label, kind, diagnostic->text);
    } else {
        sim_text_add(text, "%s:%u:%u: %s%s\n", place->source->label, place->line,
                     scn_place_column(place), kind, diagnostic->text);
    }
    if (place->line > 0) {
        format_excerpt(place, text);
    }
}

void scn_diagnostics_format(const struct scn_diagnostics *list, bool warnings,
                            struct sim_text *text)
{
    for (const struct scn_diagnostic *item = list->first; item; item = item->next) {
        if (item->is_warning == warnings) {
            scn_diagnostic_format(item, text);
        }
    }
    uint32_t count = warnings ? list->warnings : list->errors;
    if (count > SCN_MAX_ERRORS) {
        sim_text_add(text, "%u more %s are not shown\n", count - SCN_MAX_ERRORS,
                     warnings ? "warnings" : "mistakes");
    }
}
