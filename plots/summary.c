#include "plots/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"

enum { MOST_EDGES = 10000 };

/* Reads a JSON string behind its opening quote; escapes of other characters become '?'. */
static void read_string(FILE *file, char *text, size_t size)
{
    size_t length = 0;
    int byte;
    while ((byte = getc(file)) != EOF && byte != '"') {
        if (byte == '\\') {
            byte = getc(file);
            if (byte == 'u') {
                byte = '?';
            } else if (byte == EOF || (byte != '"' && byte != '\\' && byte != '/')) {
                byte = ' ';
            }
        }
        if (length + 1 < size) {
            text[length++] = (char)byte;
        }
    }
    text[length] = '\0';
}

/* Reads the rest of a bare value: a number, true, false, null. */
static void read_bare(FILE *file, int byte, char *text, size_t size)
{
    size_t length = 0;
    while (byte != EOF && !strchr(",]} \t\r\n", byte)) {
        if (length + 1 < size) {
            text[length++] = (char)byte;
        }
        byte = getc(file);
    }
    text[length] = '\0';
    ungetc(byte, file);
}

/* One value of the outermost object (`parent` is empty) or of an object in it. */
static void take(struct plt_summary *summary, const char *parent, const char *key,
                 const char *value)
{
    bool has_deadlock = strncmp(summary->verdict, "Deadlock", strlen("Deadlock")) == 0;
    if (strcmp(parent, "bottleneck") == 0 && strcmp(key, "what") == 0 && !has_deadlock) {
        snprintf(summary->verdict, sizeof summary->verdict, "Bottleneck: %s", value);
    } else if (strcmp(parent, "deadlock_found") == 0 && strcmp(key, "since_s") == 0) {
        snprintf(summary->verdict, sizeof summary->verdict,
                 "Deadlock: some subtasks wait since %.3f s and can never go on",
                 strtod(value, NULL));
    } else if (parent[0] != '\0') {
        return;
    } else if (strcmp(key, "scenario") == 0 || strcmp(key, "name") == 0) {
        snprintf(summary->title, sizeof summary->title, "%s", value);
    } else if (strcmp(key, "warmup_s") == 0) {
        summary->warm_up_s = strtod(value, NULL);
    } else if (strcmp(key, "seed") == 0) {
        snprintf(summary->caption, sizeof summary->caption, "seed %s", value);
    }
}

/* One value of an object in the list of edges. */
static void take_of_edge(struct plt_summary *summary, const char *key, const char *value)
{
    struct plt_edge *edge = &summary->edges[summary->edge_count - 1];
    if (strcmp(key, "from") == 0) {
        snprintf(edge->from, sizeof edge->from, "%.119s", value);
    } else if (strcmp(key, "to") == 0) {
        snprintf(edge->to, sizeof edge->to, "%.119s", value);
    } else if (strcmp(key, "task") == 0) {
        snprintf(edge->task, sizeof edge->task, "%.119s", value);
    } else if (strcmp(key, "output") == 0) {
        edge->output = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(key, "gate") == 0) {
        edge->gate = (uint32_t)strtoul(value, NULL, 10);
    }
}

static bool is_edge(const char *parent)
{
    return strcmp(parent, "edges") == 0;
}

static void begin_edge(struct plt_summary *summary)
{
    size_t count = summary->edge_count++;
    summary->edges = sim_realloc(summary->edges, count + 1, sizeof *summary->edges);
    summary->edges[count] = (struct plt_edge){.output = UINT32_MAX, .gate = UINT32_MAX};
}

void plt_summary_finish(struct plt_summary *summary)
{
    free(summary->edges);
    summary->edges = NULL;
    summary->edge_count = 0;
}

void plt_summary_read(const char *path, struct plt_summary *summary)
{
    *summary = (struct plt_summary){0};
    FILE *file = fopen(path, "r");
    if (!file) {
        return;
    }
    char parent[64] = "";
    char key[64] = "";
    char value[240];
    int depth = 0;
    bool is_value = false;
    int byte;
    while ((byte = getc(file)) != EOF) {
        if (byte == '{' || byte == '[') {
            depth++;
            is_value = false;
            if (depth == 2) {
                snprintf(parent, sizeof parent, "%s", key);
            } else if (depth == 3 && is_edge(parent) && summary->edge_count < MOST_EDGES) {
                begin_edge(summary);
            }
        } else if (byte == '}' || byte == ']') {
            depth--;
        } else if (byte == ':') {
            is_value = true;
        } else if (byte == ',') {
            is_value = false;
        } else if (byte == '"' && !is_value) {
            read_string(file, key, sizeof key);
        } else if (!strchr(" \t\r\n", byte)) {
            if (byte == '"') {
                read_string(file, value, sizeof value);
            } else {
                read_bare(file, byte, value, sizeof value);
            }
            if (is_value && (depth == 1 || depth == 2)) {
                take(summary, depth == 1 ? "" : parent, key, value);
            } else if (is_value && depth == 3 && is_edge(parent) && summary->edge_count > 0) {
                take_of_edge(summary, key, value);
            }
        }
    }
    fclose(file);
}
