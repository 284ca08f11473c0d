#include "scenarios/reader/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A longer source line is shown as a window about the caret. */
#define WINDOW 120

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Bytes of the character at the start of a text, 0 when it cannot be shown: a control, no UTF-8. */
static size_t shown_length(const char *text, size_t length)
{
    unsigned char head = (unsigned char)text[0];
    size_t need = head < 0x80 ? 1 : head < 0xC2 ? 0 : head < 0xE0 ? 2 : head < 0xF0 ? 3 : 4;
    if (need == 0 || need > length || head > 0xF4 || head < 0x20 || head == 0x7F) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if (!is_continuation(text[i])) {
            return 0;
        }
    }
    bool is_c1 = head == 0xC2 && (unsigned char)text[1] < 0xA0;
    return is_c1 ? 0 : need;
}

/* Append a text on one line, with a question mark for each byte that a terminal should not see. */
static void add_shown(struct sim_text *to, const char *text, size_t length)
{
    for (size_t i = 0, step; i < length; i += step) {
        step = shown_length(text + i, length - i);
        if (step > 0) {
            sim_text_add_bytes(to, text + i, step);
        } else {
            sim_text_add_bytes(to, text[i] == '\n' || text[i] == '\t' ? " " : "?", 1);
            step = 1;
        }
    }
}

static void add(struct scn_diagnostics *list, bool is_warning, struct scn_place place,
                const char *format, va_list args)
{
    uint32_t *count = is_warning ? &list->warnings : &list->errors;
    if (++*count > SCN_MAX_ERRORS) {
        return;
    }
    struct sim_text raw = {0};
    struct sim_text text = {0};
    sim_text_addv(&raw, format, args);
    add_shown(&text, sim_text_get(&raw), raw.length);
    sim_text_finish(&raw);
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

bool scn_diagnostics_are_full(const struct scn_diagnostics *list)
{
    return list->errors >= SCN_MAX_ERRORS;
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

/* The part of the source line that is shown: all of it, or a window about the place. */
static void find_window(const struct scn_place *place, size_t *start, size_t *end)
{
    const char *text = place->source->text;
    *start = line_start(place);
    *end = line_end(place);
    if (*end - *start <= WINDOW) {
        return;
    }
    if (place->offset - *start > WINDOW / 2) {
        *start = place->offset - WINDOW / 2;
    }
    if (*end - *start > WINDOW) {
        *end = *start + WINDOW;
    }
    while (*start < place->offset && is_continuation(text[*start])) {
        ++*start;
    }
    while (*end > place->offset && is_continuation(text[*end])) {
        --*end;
    }
}

/* The source line and the carets under the place. */
static void format_excerpt(const struct scn_place *place, struct sim_text *text)
{
    const char *source = place->source->text;
    struct sim_text before = {0};
    struct sim_text under = {0};
    struct sim_text after = {0};
    size_t start;
    size_t end;
    find_window(place, &start, &end);
    size_t offset = place->offset < end ? place->offset : end;
    size_t last = place->length < end - offset ? offset + place->length : end;
    if (start > line_start(place)) {
        sim_text_add(&before, "...");
    }
    add_shown(&before, source + start, offset - start);
    add_shown(&under, source + offset, last - offset);
    add_shown(&after, source + last, end - last);
    sim_text_add(text, "  %s%s%s\n  %*s^", sim_text_get(&before), sim_text_get(&under),
                 sim_text_get(&after), (int)characters(sim_text_get(&before), before.length), "");
    for (size_t i = 1; i < characters(sim_text_get(&under), under.length); i++) {
        sim_text_add(text, "~");
    }
    sim_text_add(text, "\n");
    sim_text_finish(&before);
    sim_text_finish(&under);
    sim_text_finish(&after);
}

void scn_diagnostic_format(const struct scn_diagnostic *diagnostic, struct sim_text *text)
{
    const struct scn_place *place = &diagnostic->place;
    const char *kind = diagnostic->is_warning ? "warning: " : "";
    if (!place->source) {
        sim_text_add(text, "%s%s\n", kind, diagnostic->text);
        return;
    }
    add_shown(text, place->source->label, strlen(place->source->label));
    if (!place->source->is_override && place->line > 0) {
        sim_text_add(text, ":%u:%u", place->line, scn_place_column(place));
    }
    sim_text_add(text, ": %s%s\n", kind, diagnostic->text);
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
