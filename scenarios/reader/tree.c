#include "scenarios/reader/tree.h"

#include <libfyaml.h>
#include <string.h>

/* What is being built: the open mappings and sequences, each mapping with the key it waits for. */
struct builder {
    const struct scn_source *source;
    size_t offset; /* where the YAML begins in the source */
    struct scn_diagnostics *list;
    struct sim_arena *arena;
    struct scn_node *open[SCN_MAX_DEPTH];
    struct scn_node *keys[SCN_MAX_DEPTH]; /* NULL: a key comes next */
    uint32_t depth;
    struct scn_node *root;
    struct scn_place last; /* of the last node that has one */
};

static struct scn_place event_place(const struct builder *builder, struct fy_event *event)
{
    const struct fy_mark *start = fy_event_start_mark(event);
    const struct fy_mark *end = fy_event_end_mark(event);
    struct scn_place place = builder->last;
    /* An empty value has no place; it stands at its key. */
    if (!start || start->line < 0) {
        return place;
    }
    place.source = builder->source;
    place.line = (uint32_t)start->line + 1;
    place.offset = builder->offset + start->input_pos;
    if (place.offset > builder->source->length) {
        place.offset = builder->source->length;
    }
    place.length = end && end->input_pos > start->input_pos ? end->input_pos - start->input_pos : 1;
    if (event->type == FYET_SCALAR) {
        enum fy_scalar_style style = fy_token_scalar_style(event->scalar.value);
        bool is_quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
        if (is_quoted && place.offset > builder->offset) {
            place.offset--;
            place.length += 2;
        }
    }
    return place;
}

static struct scn_node *make_node(struct builder *builder, struct fy_event *event,
                                  enum scn_node_kind kind)
{
    struct scn_node *node = sim_arena_alloc(builder->arena, 1, sizeof(*node));
    node->kind = kind;
    node->text = "";
    node->place = event_place(builder, event);
    builder->last = node->place;
    return node;
}

/* Make a scalar of an event; false when its text is not plain. */
static bool read_scalar(struct builder *builder, struct fy_event *event, struct scn_node **node)
{
    *node = make_node(builder, event, SCN_SCALAR);
    size_t length = 0;
    const char *text = fy_token_get_text(event->scalar.value, &length);
    if (!text) {
        return true;
    }
    if (!scn_value_is_clean(text, length)) {
        scn_error(builder->list, (*node)->place, "the text contains a control character");
        return false;
    }
    (*node)->text = sim_arena_strndup(builder->arena, text, length);
    (*node)->is_quoted = fy_token_scalar_style(event->scalar.value) != FYSS_PLAIN;
    return true;
}

/* Hang a node where it belongs: as root, as next key, as value of a key, into a sequence. */
static bool attach(struct builder *builder, struct scn_node *node)
{
    if (builder->depth == 0) {
        if (builder->root) {
            scn_error(builder->list, node->place,
                      "a scenario is one YAML document, here a second begins");
            return false;
        }
        builder->root = node;
        return true;
    }
    struct scn_node *parent = builder->open[builder->depth - 1];
    struct scn_node **key = &builder->keys[builder->depth - 1];
    if (parent->kind == SCN_SEQUENCE) {
        scn_node_append(builder->arena, parent, NULL, node);
        return true;
    }
    if (*key) {
        scn_node_append(builder->arena, parent, *key, node);
        *key = NULL;
        return true;
    }
    if (node->kind != SCN_SCALAR) {
        scn_error(builder->list, node->place, "a key must be plain text");
        return false;
    }
    if (strlen(node->text) > SCN_MAX_KEY) {
        scn_error(builder->list, node->place, "a key has more than %u bytes", SCN_MAX_KEY);
        return false;
    }
    if (parent->count >= SCN_MAX_KEYS) {
        scn_error(builder->list, node->place, "a mapping has more than %u keys", SCN_MAX_KEYS);
        return false;
    }
    *key = node;
    return true;
}

static bool open_node(struct builder *builder, struct fy_event *event, enum scn_node_kind kind)
{
    struct scn_node *node = make_node(builder, event, kind);
    if (!attach(builder, node)) {
        return false;
    }
    if (builder->depth == SCN_MAX_DEPTH) {
        scn_error(builder->list, node->place, "nested more than %u levels deep", SCN_MAX_DEPTH);
        return false;
    }
    builder->open[builder->depth] = node;
    builder->keys[builder->depth] = NULL;
    builder->depth++;
    return true;
}

/* Where a token stands, with the sign ('&', '*', '!') before it. */
static struct scn_place token_place(const struct builder *builder, struct fy_token *token)
{
    const struct fy_mark *start = fy_token_start_mark(token);
    const struct fy_mark *end = fy_token_end_mark(token);
    struct scn_place place = builder->last;
    if (start && end && start->line >= 0) {
        place.line = (uint32_t)start->line + 1;
        place.offset = builder->offset + start->input_pos;
        place.length = end->input_pos - start->input_pos;
        char sign = place.offset > builder->offset ? builder->source->text[place.offset - 1] : ' ';
        if (sign == '&' || sign == '*' || sign == '!') {
            place.offset--;
            place.length++;
        }
    }
    return place;
}

static bool refuse_properties(struct builder *builder, struct fy_event *event)
{
    struct fy_token *anchor =
        event->type == FYET_ALIAS ? fy_event_get_token(event) : fy_event_get_anchor_token(event);
    struct fy_token *tag = event->type == FYET_ALIAS ? NULL : fy_event_get_tag_token(event);
    if (anchor) {
        scn_error(builder->list, token_place(builder, anchor),
                  "YAML anchors (&) and aliases (*) are not supported; write the value out, or put "
                  "it in quotes");
        return false;
    }
    if (tag) {
        scn_error(
            builder->list, token_place(builder, tag),
            "YAML tags (!) are not supported; leave the tag away, or put the value in quotes");
        return false;
    }
    return true;
}

static bool take_event(struct builder *builder, struct fy_event *event)
{
    struct scn_node *node = NULL;
    switch (event->type) {
    case FYET_MAPPING_START:
        return refuse_properties(builder, event) && open_node(builder, event, SCN_MAPPING);
    case FYET_SEQUENCE_START:
        return refuse_properties(builder, event) && open_node(builder, event, SCN_SEQUENCE);
    case FYET_SCALAR:
        return refuse_properties(builder, event) && read_scalar(builder, event, &node) &&
               attach(builder, node);
    case FYET_ALIAS:
        return refuse_properties(builder, event);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        builder->depth--;
        return true;
    default:
        return true;
    }
}

/* The offset of a line (from 1) and column (from 1, in characters) that libfyaml named. */
static struct scn_place find_place(const struct scn_source *source, size_t offset, int line,
                                   int column)
{
    struct scn_place place = {source, 1, offset, 1};
    while ((int)place.line < line && place.offset < source->length) {
        place.line += source->text[place.offset] == '\n';
        place.offset++;
    }
    for (int i = 1; i < column && place.offset < source->length; place.offset++) {
        if (source->text[place.offset] == '\n') {
            break;
        }
        i += ((unsigned char)source->text[place.offset + 1] & 0xC0) != 0x80;
    }
    return place;
}

static void report_syntax(struct builder *builder, struct fy_diag *diag)
{
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
    if (!error || !error->msg) {
        struct scn_place place = {builder->source, 0, 0, 0};
        scn_error(builder->list, place, "this is no YAML");
        return;
    }
    struct scn_place place =
        find_place(builder->source, builder->offset, error->line, error->column);
    /* A bracket that is missing at the end is told where the open one stands. */
    for (uint32_t i = builder->depth; place.offset >= builder->source->length && i-- > 0;) {
        char sign = builder->source->text[builder->open[i]->place.offset];
        if (sign == '[' || sign == '{') {
            place = builder->open[i]->place;
        }
    }
    scn_error(builder->list, place, "this is no YAML: %s", error->msg);
}

/* libfyaml's own messages are collected, never printed. */
static void swallow(struct fy_diag *diag, void *user, const char *text, size_t length)
{
}

static bool run_parser(struct builder *builder, struct fy_diag *diag)
{
    const struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_DISABLE_MMAP_OPT |
                                                 FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
                                        .diag = diag};
    struct fy_parser *parser = fy_parser_create(&config);
    bool is_good = parser && fy_parser_set_string(parser, builder->source->text + builder->offset,
                                                  builder->source->length - builder->offset) == 0;
    struct fy_event *event;
    while (is_good && (event = fy_parser_parse(parser))) {
        is_good = take_event(builder, event);
        fy_parser_event_free(parser, event);
    }
    if (!parser || fy_parser_get_stream_error(parser)) {
        report_syntax(builder, diag);
        is_good = false;
    }
    fy_parser_destroy(parser);
    return is_good;
}

struct scn_node *scn_tree_parse(const struct scn_source *source, size_t offset,
                                struct scn_diagnostics *list)
{
    if (!scn_text_is_clean(source, offset, list)) {
        return NULL;
    }
    struct builder builder = {
        .source = source, .offset = offset, .list = list, .arena = list->arena};
    builder.last = (struct scn_place){source, 1, offset, 0};
    struct fy_diag_cfg config;
    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.output_fn = swallow;
    config.colorize = false;
    struct fy_diag *diag = fy_diag_create(&config);
    if (!diag) {
        scn_error(list, builder.last, "the YAML parser does not start");
        return NULL;
    }
    fy_diag_set_collect_errors(diag, true);
    bool is_good = run_parser(&builder, diag);
    fy_diag_destroy(diag);
    if (!is_good) {
        return NULL;
    }
    if (!builder.root) {
        builder.root = sim_arena_alloc(list->arena, 1, sizeof(*builder.root));
        builder.root->kind = SCN_MAPPING;
        builder.root->text = "";
        builder.root->place = builder.last;
    }
    return builder.root;
}

struct scn_entry *scn_node_find(const struct scn_node *mapping, const char *key)
{
    if (mapping->kind == SCN_MAPPING) {
        for (struct scn_entry *entry = mapping->first; entry; entry = entry->next) {
            if (strcmp(entry->key->text, key) == 0) {
                return entry;
            }
        }
    }
    return NULL;
}

struct scn_node *scn_node_get(const struct scn_node *mapping, const char *key)
{
    struct scn_entry *entry = scn_node_find(mapping, key);
    return entry ? entry->value : NULL;
}

void scn_node_append(struct sim_arena *arena, struct scn_node *node, struct scn_node *key,
                     struct scn_node *value)
{
    struct scn_entry *entry = sim_arena_alloc(arena, 1, sizeof(*entry));
    entry->key = key;
    entry->value = value;
    if (node->last) {
        node->last->next = entry;
    } else {
        node->first = entry;
    }
    node->last = entry;
    node->count++;
}

bool scn_node_is_null(const struct scn_node *node)
{
    return node->kind == SCN_SCALAR && !node->is_quoted &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}

const char *scn_node_describe(struct sim_arena *arena, const struct scn_node *node)
{
    if (node->kind == SCN_MAPPING) {
        return "a mapping";
    }
    if (node->kind == SCN_SEQUENCE) {
        return "a list";
    }
    if (scn_node_is_null(node)) {
        return "nothing";
    }
    /* At most 60 bytes, and no part of a character. */
    size_t length = strlen(node->text);
    size_t shown = length > 60 ? 60 : length;
    while (shown < length && ((unsigned char)node->text[shown] & 0xC0) == 0x80) {
        shown--;
    }
    struct sim_text text = {0};
    sim_text_add(&text, "'%.*s%s'", (int)shown, node->text, shown < length ? "..." : "");
    const char *copy = sim_arena_strdup(arena, sim_text_get(&text));
    sim_text_finish(&text);
    return copy;
}
