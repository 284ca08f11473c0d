#include "cli/table.h"

#include <stdarg.h>
#include <string.h>

#include "sim/text.h"
#include "studies/csv.h"

#define PAGE_COLUMNS 80
#define GAP 2
#define LEAST_NAME 8

void cli_table_init(struct cli_table *table, const struct cli_column *columns, size_t count)
{
    *table =
        (struct cli_table){.arena = sim_arena_create(), .columns = columns, .column_count = count};
}

void cli_table_finish(struct cli_table *table)
{
    sim_arena_destroy(table->arena);
    *table = (struct cli_table){0};
}

void cli_table_add(struct cli_table *table, const char *format, ...)
{
    struct sim_text text = {0};
    va_list args;

    if (table->cell_count == table->capacity) {
        size_t capacity = table->capacity != 0 ? 2 * table->capacity : 64;
        const char **cells = sim_arena_alloc(table->arena, capacity, sizeof *cells);

        if (table->cell_count > 0) {
            memcpy(cells, table->cells, table->cell_count * sizeof *cells);
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    va_start(args, format);
    sim_text_addv(&text, format, args);
    va_end(args);
    table->cells[table->cell_count++] = sim_arena_strdup(table->arena, sim_text_get(&text));
    sim_text_finish(&text);
}

/* Characters, not bytes, of a text in UTF-8. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != 0; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static void pad(FILE *out, size_t count)
{
    while (count-- > 0) {
        fputc(' ', out);
    }
}

/* Print the characters `from` to `to` - 1 of a text. */
static void print_part(FILE *out, const char *text, size_t from, size_t to)
{
    for (size_t i = 0; *text != 0; text++) {
        i += ((unsigned char)*text & 0xc0) != 0x80;
        if (i > from && i <= to) {
            fputc(*text, out);
        }
    }
}

/* Print a text in `width` columns. What is longer is cut in its middle, for names often differ at
 * their end. */
static void print_cell(FILE *out, const char *text, size_t width, bool is_left, bool is_last)
{
    size_t length = width_of(text);
    size_t padding = length < width ? width - length : 0;

    if (!is_left) {
        pad(out, padding);
    }
    if (length <= width) {
        fputs(text, out);
    } else {
        size_t tail = (width - 1) / 2;

        print_part(out, text, 0, width - 1 - tail);
        fputc('~', out);
        print_part(out, text, length - tail, length);
    }
    if (is_left && !is_last) {
        pad(out, padding);
    }
}

static size_t measure(const struct cli_table *table, size_t *widths)
{
    size_t total = GAP * (table->column_count - 1);

    for (size_t c = 0; c < table->column_count; c++) {
        widths[c] = width_of(table->columns[c].title);
        for (size_t i = c; i < table->cell_count; i += table->column_count) {
            size_t width = width_of(table->cells[i]);

            widths[c] = width > widths[c] ? width : widths[c];
        }
        total += widths[c];
    }
    return total;
}

/* The headings over groups of columns, each in the middle of its group. */
static void print_groups(const struct cli_table *table, FILE *out, const size_t *widths)
{
    size_t at = 0;      /* where the present column begins */
    size_t written = 0; /* columns of the line so far */

    for (size_t c = 0; c < table->column_count;) {
        const char *group = table->columns[c].group;
        size_t begin = at;
        size_t length;

        do {
            at += widths[c] + GAP;
            c++;
        } while (group != NULL && c < table->column_count && table->columns[c].group == group);
        if (group == NULL) {
            continue;
        }
        length = width_of(group);
        if (at - GAP - begin > length) {
            begin += (at - GAP - begin - length) / 2;
        }
        pad(out, begin > written ? begin - written : 1);
        fputs(group, out);
        written = begin + length;
    }
    if (written > 0) {
        fputc('\n', out);
    }
}

void cli_table_print(const struct cli_table *table, FILE *out)
{
    size_t *widths = sim_arena_alloc(table->arena, table->column_count, sizeof *widths);
    size_t total = measure(table, widths);

    if (total > PAGE_COLUMNS && widths[0] > LEAST_NAME) {
        size_t excess = total - PAGE_COLUMNS;

        widths[0] = widths[0] > excess + LEAST_NAME ? widths[0] - excess : LEAST_NAME;
    }
    print_groups(table, out, widths);
    for (size_t c = 0; c < table->column_count; c++) {
        pad(out, c > 0 ? GAP : 0);
        print_cell(out, table->columns[c].title, widths[c], c == 0 || table->columns[c].is_left,
                   c + 1 == table->column_count);
    }
    fputc('\n', out);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t c = i % table->column_count;

        pad(out, c > 0 ? GAP : 0);
        print_cell(out, table->cells[i], widths[c], c == 0 || table->columns[c].is_left,
                   c + 1 == table->column_count);
        if (c + 1 == table->column_count) {
            fputc('\n', out);
        }
    }
}

void cli_table_print_csv(const struct cli_table *table, FILE *out)
{
    for (size_t c = 0; c < table->column_count; c++) {
        fprintf(out, "%s%s", c > 0 ? "," : "", table->columns[c].title);
    }
    fputc('\n', out);
    for (size_t i = 0; i < table->cell_count; i++) {
        char cell[1024];

        study_csv_quote(cell, sizeof cell, table->cells[i]);
        fprintf(out, "%s%s", i % table->column_count > 0 ? "," : "", cell);
        if ((i + 1) % table->column_count == 0) {
            fputc('\n', out);
        }
    }
}

static void print_markdown_cell(FILE *out, const char *text)
{
    fputs("| ", out);
    for (; *text != 0; text++) {
        if (*text == '|' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
    fputc(' ', out);
}

void cli_table_print_markdown(const struct cli_table *table, FILE *out)
{
    for (size_t c = 0; c < table->column_count; c++) {
        const struct cli_column *column = &table->columns[c];

        print_markdown_cell(out, column->alone != NULL ? column->alone : column->title);
    }
    fputs("|\n", out);
    for (size_t c = 0; c < table->column_count; c++) {
        fputs(c == 0 || table->columns[c].is_left ? "| --- " : "| ---: ", out);
    }
    fputs("|\n", out);
    for (size_t i = 0; i < table->cell_count; i++) {
        print_markdown_cell(out, table->cells[i]);
        if ((i + 1) % table->column_count == 0) {
            fputs("|\n", out);
        }
    }
}
