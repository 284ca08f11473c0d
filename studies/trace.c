#include "studies/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"

bool study_trace_fail(const struct study_trace *trace, uint32_t line, struct sim_err *err,
                      const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return sim_err_set_at(err, SIM_ERR_INPUT, trace->path, line != 0 ? line : trace->line, 1, "%s",
                          text);
}

bool study_trace_open(struct study_trace *trace, const char *path, struct sim_err *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return sim_err_set_errno(err, errno, "cannot open the trace %s", path);
    }
    *trace = (struct study_trace){
        .file = file, .path = path, .bytes = sim_alloc(STUDY_TRACE_LINE_MAX + 1, 1)};
    return true;
}

void study_trace_close(struct study_trace *trace)
{
    if (trace->file != NULL) {
        (void)fclose(trace->file);
    }
    free(trace->bytes);
    *trace = (struct study_trace){0};
}

static bool fail_reading(const struct study_trace *trace, struct sim_err *err)
{
    if (ferror(trace->file)) {
        return sim_err_set_errno(err, errno, "cannot read the trace %s", trace->path);
    }
    return study_trace_fail(trace, 0, err,
                            "the file ends within a line; expected a newline, is it cut off?");
}

bool study_trace_next(struct study_trace *trace, struct sim_err *err)
{
    if (trace->is_pushed) {
        trace->is_pushed = false;
        return true;
    }
    size_t length = 0;
    int byte;
    trace->line++;
    while ((byte = getc(trace->file)) != EOF && byte != '\n') {
        if (byte < 0x20 || byte > 0x7e) {
            return study_trace_fail(trace, 0, err, "byte 0x%02X in a line; a trace is plain text",
                                    (unsigned)byte);
        }
        if (length == STUDY_TRACE_LINE_MAX) {
            return study_trace_fail(trace, 0, err, "the line is longer than %zu bytes",
                                    STUDY_TRACE_LINE_MAX);
        }
        trace->bytes[length++] = (char)byte;
    }
    if (byte == EOF && (length > 0 || ferror(trace->file))) {
        return fail_reading(trace, err);
    }
    trace->is_at_end = byte == EOF;
    trace->bytes[length] = '\0';
    trace->length = length;
    return true;
}

void study_trace_push_back(struct study_trace *trace)
{
    trace->is_pushed = true;
}

size_t study_trace_word(const char **at, const char **word)
{
    *word = *at;
    size_t length = strcspn(*at, " ");
    *at += length;
    if (**at == ' ') {
        (*at)++;
    }
    return length;
}

bool study_trace_integer(const char *word, size_t length, int64_t *value)
{
    bool is_negative = length > 0 && word[0] == '-';
    const char *digits = word + is_negative;
    size_t count = length - is_negative;
    if (count == 0 || count > 18 || (digits[0] == '0' && (count > 1 || is_negative))) {
        return false;
    }
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        sum = 10 * sum + (digits[i] - '0');
    }
    *value = is_negative ? -sum : sum;
    return true;
}

bool study_trace_read_name(const struct study_trace *trace, const char *text,
                           struct study_trace_call *call, struct sim_err *err)
{
    size_t length = strlen(text);
    call->bytes = sim_realloc(call->bytes, length + 1, 1);
    memcpy(call->bytes, text, length + 1);
    call->name = call->bytes;
    call->word = "";
    call->count = 0;
    call->line = trace->line;
    size_t name_length = strcspn(call->bytes, " ");
    if (name_length == 0) {
        return study_trace_fail(trace, 0, err, "expected a word");
    }
    return true;
}

static void add_value(struct study_trace_call *call, int64_t value)
{
    if (call->count == call->capacity) {
        call->capacity = call->capacity == 0 ? 16 : 2 * call->capacity;
        call->values = sim_realloc(call->values, call->capacity, sizeof *call->values);
    }
    call->values[call->count++] = value;
}

/* One word of the format; *at stands at the word, which gets its terminating zero. */
static bool read_value(const struct study_trace *trace, char kind, char **at,
                       struct study_trace_call *call, struct sim_err *err)
{
    if (*at == NULL) {
        return study_trace_fail(trace, call->line, err, "%s: a word is missing", call->name);
    }
    char *word = *at;
    size_t length = strcspn(word, " ");
    *at = word[length] == ' ' ? word + length + 1 : NULL;
    word[length] = '\0';
    if (kind == 'w') {
        call->word = word;
        return length > 0 ||
               study_trace_fail(trace, call->line, err, "%s: two blanks in a row; expected a word",
                                call->name);
    }
    int64_t value = 0;
    if (!study_trace_integer(word, length, &value) ||
        (kind != 'l' && (value > INT32_MAX || value < INT32_MIN))) {
        return study_trace_fail(trace, call->line, err, "%s: '%.40s' is not a whole number of %s",
                                call->name, word, kind == 'l' ? "18 digits" : "32 bits");
    }
    add_value(call, value);
    return true;
}

bool study_trace_read_values(const struct study_trace *trace, const char *format,
                             struct study_trace_call *call, struct sim_err *err)
{
    size_t name_length = strcspn(call->bytes, " ");
    char *at = call->bytes[name_length] == ' ' ? call->bytes + name_length + 1 : NULL;
    call->bytes[name_length] = '\0';
    for (; *format != '\0'; format++) {
        if (!read_value(trace, *format, &at, call, err)) {
            return false;
        }
        if (*format == 'n') {
            int64_t further = call->values[call->count - 1];
            for (int64_t i = 0; i < further; i++) {
                if (!read_value(trace, 'i', &at, call, err)) {
                    return false;
                }
            }
        }
    }
    if (at != NULL) {
        return study_trace_fail(trace, call->line, err, "%s: '%.40s' is too much", call->name, at);
    }
    return true;
}

void study_trace_call_finish(struct study_trace_call *call)
{
    free(call->bytes);
    free(call->values);
    *call = (struct study_trace_call){0};
}

struct study_state_entry {
    struct study_state_entry *next;
    uint64_t pass;
    size_t key_length;
    size_t length;
    char *line;
};

/* FNV-1a */
static size_t hash_key(const char *key, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)key[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ (hash >> 32));
}

static struct study_state_entry **bucket_of(const struct study_state *state, const char *key,
                                            size_t length)
{
    return &state->buckets[hash_key(key, length) & (state->bucket_count - 1)];
}

static void grow(struct study_state *state)
{
    struct study_state old = *state;
    state->bucket_count = old.bucket_count == 0 ? 64 : 2 * old.bucket_count;
    state->buckets = sim_alloc(state->bucket_count, sizeof *state->buckets);
    for (size_t i = 0; i < old.bucket_count; i++) {
        struct study_state_entry *next;
        for (struct study_state_entry *entry = old.buckets[i]; entry != NULL; entry = next) {
            next = entry->next;
            struct study_state_entry **bucket = bucket_of(state, entry->line, entry->key_length);
            entry->next = *bucket;
            *bucket = entry;
        }
    }
    free(old.buckets);
}

static struct study_state_entry *find_entry(struct study_state *state, const char *line,
                                            size_t key_length)
{
    if (state->entry_count >= state->bucket_count) {
        grow(state);
    }
    struct study_state_entry **bucket = bucket_of(state, line, key_length);
    for (struct study_state_entry *entry = *bucket; entry != NULL; entry = entry->next) {
        if (entry->key_length == key_length && memcmp(entry->line, line, key_length) == 0) {
            return entry;
        }
    }
    struct study_state_entry *entry = sim_alloc(1, sizeof *entry);
    entry->line = sim_alloc(key_length, 1);
    memcpy(entry->line, line, key_length);
    entry->key_length = key_length;
    entry->next = *bucket;
    *bucket = entry;
    state->entry_count++;
    return entry;
}

void study_state_begin(struct study_state *state)
{
    state->pass++;
    sim_text_clear(&state->changes);
}

/* Store the line in state->line; true when its value is another than before. */
static bool store_line(struct study_state *state, unsigned key_words, const char *format,
                       va_list args)
{
    sim_text_clear(&state->line);
    sim_text_addv(&state->line, format, args);
    const char *line = sim_text_get(&state->line);
    size_t length = state->line.length;
    size_t key_length = 0;
    for (unsigned i = 0; i < key_words; i++) {
        key_length += (i > 0) + strcspn(line + key_length + (i > 0), " ");
    }
    struct study_state_entry *entry = find_entry(state, line, key_length);
    entry->pass = state->pass;
    if (entry->length == length && memcmp(entry->line, line, length) == 0) {
        return false;
    }
    entry->line = sim_realloc(entry->line, length, 1);
    memcpy(entry->line, line, length);
    entry->length = length;
    return true;
}

void study_state_line(struct study_state *state, unsigned key_words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (store_line(state, key_words, format, args)) {
        sim_text_add_bytes(&state->changes, state->line.bytes, state->line.length);
        sim_text_add_bytes(&state->changes, "\n", 1);
    }
    va_end(args);
}

void study_state_known(struct study_state *state, unsigned key_words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)store_line(state, key_words, format, args);
    va_end(args);
}

static void forget_before(struct study_state *state, uint64_t pass)
{
    for (size_t i = 0; i < state->bucket_count; i++) {
        struct study_state_entry **link = &state->buckets[i];
        while (*link != NULL) {
            struct study_state_entry *entry = *link;
            if (entry->pass >= pass) {
                link = &entry->next;
                continue;
            }
            *link = entry->next;
            free(entry->line);
            free(entry);
            state->entry_count--;
        }
    }
}

void study_state_end(struct study_state *state)
{
    forget_before(state, state->pass);
}

void study_state_finish(struct study_state *state)
{
    forget_before(state, UINT64_MAX);
    free(state->buckets);
    sim_text_finish(&state->changes);
    sim_text_finish(&state->line);
    *state = (struct study_state){0};
}
