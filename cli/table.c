/* The tables of commands and options. A new option is a row here and a field in settings; a new command is a row
 * here, an id and a file of its own. */
#include "bookend/explain.h"
#include "bookend/train.h"
#include "bookend/weights.h"
#include "commands.h"
#include "opts.h"

#define AT(field) offsetof(settings, field)

enum {
    FIND = FOR(CMD_DETECT) | FOR(CMD_REPORT) | FOR(CMD_CHAPTERS),
    INPUTS = FIND | FOR(CMD_EMBED) | FOR(CMD_VERIFY),
    LEARN = FOR(CMD_TRAIN) | FOR(CMD_TRAIN_ENCODER),
    TABLES = FOR(CMD_TRAIN) | FOR(CMD_EVAL),
    MADE = FOR(CMD_TRAIN_ENCODER) | FOR(CMD_COMPOSE),
    WORK = INPUTS | LEARN | FOR(CMD_EVAL) | FOR(CMD_COMPOSE),
    MODELS = INPUTS | FOR(CMD_EVAL) | FOR(CMD_COMPOSE) | FOR(CMD_MODEL_EXPORT),
    ALL = ~0u >> 1
};

static const double SEED_MAX = 9007199254740991.0; /* 2^53 - 1: exact as a double */

static const char *scan_choice(int i) {
    static const char *const names[] = { [BK_SCAN_SMART] = "smart", [BK_SCAN_FULL] = "full", NULL };
    return names[i];
}

static const char *decision_choice(int i) {
    static const char *const names[] = { [BK_DECISION_MAP] = "map", [BK_DECISION_NOTEBOOK] = "notebook", NULL };
    return names[i];
}

static const char *plot_choice(int i) {
    static const char *const names[] = { "none", [BK_PLOT_SVG] = "svg", [BK_PLOT_PNG] = "png", NULL };
    return names[i];
}

/* eval_run() counts on "both" standing behind the decisions. */
static const char *eval_choice(int i) {
    if (i <= BK_DECISION_NOTEBOOK) return decision_choice(i);
    return i == BK_DECISION_NOTEBOOK + 1 ? "both" : NULL;
}

static const char *verify_choice(int i) {
    static const char *const names[] = { "text", "json", NULL };
    return names[i];
}

static const char *recipe_choice(int i) {
    static const char *const names[] = { [BK_RECIPE_BOOKEND] = "bookend", [BK_RECIPE_NOTEBOOK] = "notebook", NULL };
    return names[i];
}

static const char *activation_choice(int i) {
    static const char *const names[] = {
        [BK_ACTIVATION_AUTO] = "auto", [BK_ACTIVATION_QUICK_GELU] = "quick-gelu", [BK_ACTIVATION_GELU] = "gelu", NULL
    };
    return names[i];
}

const opt opt_table[] = {
    { "labels", 0, OPT_FILE, TABLES, TABLES, AT(labels), .value = "FILE",
      .help = "the true boundaries: CSV with the header file,start_main,end_main and times HH:MM:SS[.sss]" },
    { "embeddings", 0, OPT_FOLDER, TABLES, TABLES, AT(embeddings), .value = "DIR",
      .help = "the tracks that `bookend embed` made, SHOW_EPISODE_windows.npz" },
    { "encoder", 0, OPT_FLAG, LEARN, 0, AT(encoder_mode),
      .help = "train the small picture encoder in place of a head; with --help: tell its options" },
    { "encoder", 0, OPT_FILE, FOR(CMD_MODEL_PACK), FOR(CMD_MODEL_PACK), AT(encoder), .value = "FILE",
      .help = "the encoder, or a whole model whose encoder is taken" },
    { "material", 0, OPT_MANY, MADE, 0, AT(material), .value = "DIR...",
      .help = "folders searched for clips (*.mp4) and photographs; without it pictures are made by formula" },
    { "format", 'f', OPT_CHOICE, FOR(CMD_DETECT), 0, AT(format), .folder = true, .choice = bk_format_name,
      .choice_about = bk_format_about, .value = "NAME", .preset = "text", .help = "how answers are written" },
    { "out", 'o', OPT_FILE, FOR(CMD_DETECT), 0, AT(out), .value = "PATH",
      .help = "write the answers to this file, in one step when all are there, in place of stdout" },
    { "out", 'o', OPT_FOLDER, FOR(CMD_REPORT), 0, AT(out), .value = "DIR", .preset = ".",
      .help = "folder for the pages, made where it is missing" },
    { "out", 'o', OPT_FILE, FOR(CMD_EMBED), 0, AT(out), .value = "PATH", .preset = ".",
      .help = "folder for the tracks; or, for one input, a file ending in .npz" },
    { "out", 'o', OPT_FILE, LEARN, LEARN, AT(out), .value = "FILE",
      .help = "the weights to write; FILE.state beside it lets a stopped training go on" },
    { "out", 'o', OPT_FOLDER, FOR(CMD_EVAL), FOR(CMD_EVAL), AT(out), .value = "DIR",
      .help = "folder for summary.json, episodes.csv, plots and p_video_SHOW_EPISODE.npy" },
    { "out", 'o', OPT_FOLDER, FOR(CMD_COMPOSE), FOR(CMD_COMPOSE), AT(out), .value = "DIR",
      .help = "folder for the episodes, labels.csv and truth.jsonl" },
    { "out", 'o', OPT_FILE, FOR(CMD_MODEL_PACK), FOR(CMD_MODEL_PACK), AT(out), .value = "FILE",
      .help = "the model to write" },
    { "out", 'o', OPT_FILE, FOR(CMD_MODEL_CONVERT), FOR(CMD_MODEL_CONVERT), AT(out), .value = "FILE",
      .help = "a model (.safetensors), or a head as PyTorch's state dict (.pth)" },
    { "onnx", 0, OPT_FOLDER, FOR(CMD_MODEL_EXPORT), FOR(CMD_MODEL_EXPORT), AT(onnx), .value = "DIR",
      .help = "folder for encoder.onnx and head.onnx" },
    { "write", 'w', OPT_FLAG, FOR(CMD_DETECT), 0, AT(write),
      .help = "put a side file of that format beside each video; never over a file of others" },
    { "plot", 0, OPT_CHOICE, FOR(CMD_DETECT), 0, AT(plot), 1, .choice = plot_choice, .value = "svg|png",
      .help = "draw the probabilities and the decision into a side file beside each video" },
    { "model", 'm', OPT_FILE, MODELS, 0, AT(model), .value = "NAME|FILE",
      .help = "the model to use; default: the one inside the program" },
    { "head", 0, OPT_FILE, FIND | FOR(CMD_VERIFY) | FOR(CMD_EVAL) | FOR(CMD_MODEL_EXPORT), 0, AT(head), .value = "FILE",
      .help =
          "a head of your own in place of the model's: what `bookend train` wrote, or a PyTorch state dict (.pth)" },
    { "head", 0, OPT_FILE, FOR(CMD_MODEL_PACK), 0, AT(head), .value = "FILE",
      .help = "the head; without it the model can only embed" },
    { "activation", 0, OPT_CHOICE, FOR(CMD_MODEL_CONVERT) | FOR(CMD_MODEL_FETCH), 0, AT(activation),
      .choice = activation_choice, .value = "NAME", .preset = "auto",
      .help = "of a public CLIP, which no tensor tells; auto: by the configuration beside it, else quick-gelu" },
    { "heads", 0, OPT_INT, FOR(CMD_MODEL_CONVERT) | FOR(CMD_MODEL_FETCH), 0, AT(heads), 1, 256, .value = "N",
      .help = "of attention, a layer of a public CLIP; default: as beside it, else one for 64 numbers" },
    { "url", 0, OPT_TEXT, FOR(CMD_MODEL_FETCH), 0, AT(url), .value = "URL",
      .help = "fetch from there: a mirror, or a model of your own" },
    { "sha256", 0, OPT_TEXT, FOR(CMD_MODEL_FETCH), 0, AT(sha256), .value = "HEX",
      .help = "what the file's SHA-256 must be; default: that of the model known by NAME" },
    { "decision", 0, OPT_CHOICE, FOR(CMD_EVAL), 0, AT(decision), .choice = eval_choice, .value = "NAME",
      .preset = "both", .help = "judge map, notebook, or both side by side" },
    { "decision", 0, OPT_CHOICE, FIND, 0, AT(decision), .folder = true, .choice = decision_choice,
      .value = "NAME", .preset = "map",
      .help =
          "map: the most probable pair of boundaries; notebook: the rules that bookend grew from, to the letter" },
    { "scan", 0, OPT_CHOICE, FIND, 0, AT(scan), .folder = true, .choice = scan_choice, .value = "NAME", .preset = "smart",
      .help = "smart: look closely only where a boundary can be; full: every second" },
    { "scan", 0, OPT_CHOICE, FOR(CMD_EMBED), 0, AT(scan), .choice = scan_choice, .value = "NAME", .preset = "full",
      .help = "full: every second, as `ffmpeg -vf fps=1`; smart: closely only where a boundary can be" },
    { "frames", 0, OPT_FOLDER, FOR(CMD_EMBED), 0, AT(frames), .value = "DIR",
      .help = "every folder under DIR that holds frames, one picture a second, is an input" },
    { "start-within", 0, OPT_TIME, FOR(CMD_DETECT), 0, AT(start_within), 1, 360000, .folder = true, .value = "TIME",
      .help = "the opening ends in this first part of the video, as 5:00; default: the model's" },
    { "end-within", 0, OPT_TIME, FOR(CMD_DETECT), 0, AT(end_within), 1, 360000, .folder = true, .value = "TIME",
      .help = "the credits begin in this last part of the video, as 10:00; default: the model's" },
    { "skip", 0, OPT_FLAG, 0, 0, AT(skip), .folder = true, .help = "leave the videos alone" },
    { "pad-start", 0, OPT_NUMBER, FOR(CMD_DETECT) | FOR(CMD_CHAPTERS), 0, AT(pad_start), 0, 600, .folder = true, .value = "SECONDS",
      .help = "start the story this much earlier, to be safe" },
    { "pad-end", 0, OPT_NUMBER, FOR(CMD_DETECT) | FOR(CMD_CHAPTERS), 0, AT(pad_end), 0, 600, .folder = true, .value = "SECONDS",
      .help = "end the story this much later, to be safe" },
    { "chapters", 0, OPT_FLAG, FIND, 0, AT(chapters), .preset = "yes",
      .help = "judge by the picture alone, whatever the film's own chapters say" },
    { "dry-run", 'n', OPT_FLAG, FOR(CMD_CHAPTERS), 0, AT(dry_run),
      .help = "print the chapters that the film would have, and write nothing" },
    { "markers", 0, OPT_FILE, FOR(CMD_VERIFY), FOR(CMD_VERIFY), AT(markers), .value = "FILE",
      .help = "whose markers are judged: chapters, an EDL, JSON, labels, or a film with chapters, the same one too" },
    { "tolerance", 0, OPT_NUMBER, FOR(CMD_VERIFY), 0, AT(tolerance), 0.1, 60, .value = "SECONDS", .preset = "2",
      .help = "how far off a marker may be and still agree" },
    { "format", 'f', OPT_CHOICE, FOR(CMD_VERIFY), 0, AT(verify_format), .choice = verify_choice, .value = "NAME",
      .preset = "text", .help = "text: a line an input; json: an object a line" },
    { "recipe", 0, OPT_CHOICE, FOR(CMD_TRAIN), 0, AT(recipe), .choice = recipe_choice, .value = "NAME",
      .preset = "bookend", .help = "bookend: what works best; notebook: the notebook's training exactly" },
    { "val-shows", 0, OPT_TEXT, FOR(CMD_TRAIN), 0, AT(val_shows), .value = "LIST",
      .help = "shows held out for validation, comma separated; default: one show in eight, or show2 (notebook)" },
    { "shows", 0, OPT_TEXT, FOR(CMD_EVAL), 0, AT(shows), .value = "LIST",
      .help = "judge only these shows, comma separated" },
    { "segments", 0, OPT_FILE, FOR(CMD_TRAIN), 0, AT(segments), .value = "FILE",
      .help = "finer labels than two times: CSV with the header file,kind,start,end and times in seconds" },
    { "through", 0, OPT_TEXT, FOR(CMD_TRAIN), 0, AT(through), .value = "NAME|FILE",
      .help = "for few labels: the head sees this model's classifier and measured evidence, not whole embeddings" },
    { "from", 0, OPT_TEXT, FOR(CMD_TRAIN), 0, AT(from), .value = "NAME|FILE",
      .help = "begin with this model's head in place of random numbers, as bookend-small or a state dict (.pth)" },
    { "folds", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(folds), 2, 64, .value = "K",
      .help = "cross-validate by shows first: K heads, each judged on the shows it never saw, and a table of them" },
    { "epochs", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(epochs), 1, 100000, .value = "N",
      .help = "passes over the windows" },
    { "patience", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(patience), 1, 100000, .value = "N",
      .help = "stop after so many epochs without a better validation loss" },
    { "batch", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(batch), 1, 4096, .value = "N", .help = "windows a step" },
    { "batch", 0, OPT_INT, FOR(CMD_TRAIN_ENCODER), 0, AT(batch), 1, 4096, .value = "N",
      .help = "pictures a step; default: 16" },
    { "rate", 0, OPT_NUMBER, LEARN, 0, AT(rate), 1e-9, 1, .value = "X", .help = "learning rate, at its highest" },
    { "width", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(width), 8, 4096, .value = "N", .help = "of the head, in numbers" },
    { "layers", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(layers), 1, 64, .value = "N", .help = "of the head" },
    { "heads", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(heads), 1, 64, .value = "N", .help = "of attention, a layer" },
    { "mlp", 0, OPT_INT, FOR(CMD_TRAIN), 0, AT(mlp), 8, 16384, .value = "N", .help = "hidden numbers, a layer" },
    { "dropout", 0, OPT_NUMBER, FOR(CMD_TRAIN), 0, AT(dropout), 0, 0.9, .value = "X", .preset = "0.1",
      .help = "share of numbers dropped while training" },
    { "augment", 0, OPT_FLAG, FOR(CMD_TRAIN), 0, AT(augment), .preset = "yes",
      .help = "train on the windows as they are" },
    { "shuffle", 0, OPT_FLAG, FOR(CMD_TRAIN), 0, AT(shuffle), .preset = "yes", .help = "keep the windows in order" },
    { "steps", 0, OPT_INT, FOR(CMD_TRAIN_ENCODER), 0, AT(steps), 1, 1e9, .value = "N",
      .help = "steps to train for; default: 6000" },
    { "from", 0, OPT_FILE, FOR(CMD_TRAIN_ENCODER), 0, AT(from), .value = "FILE",
      .help = "begin with the weights of an earlier training; default: from nothing" },
    { "hours", 0, OPT_NUMBER, FOR(CMD_TRAIN_ENCODER), 0, AT(hours), 0.001, 10000, .value = "X",
      .help = "shorten the schedule to end by then" },
    { "episodes", 'n', OPT_INT, FOR(CMD_COMPOSE), FOR(CMD_COMPOSE), AT(episodes), 1, 1e6, .value = "N",
      .help = "how many to compose" },
    { "first", 0, OPT_INT, FOR(CMD_COMPOSE), 0, AT(first), 0, 1e6, .value = "N",
      .help = "number of the first episode, to compose in parts" },
    { "min-seconds", 0, OPT_NUMBER, FOR(CMD_COMPOSE), 0, AT(min_seconds), 20, 36000, .value = "SECONDS",
      .help = "shortest episode; default: 90" },
    { "max-seconds", 0, OPT_NUMBER, FOR(CMD_COMPOSE), 0, AT(max_seconds), 20, 36000, .value = "SECONDS",
      .help = "longest episode; default: 300" },
    { "width", 0, OPT_INT, FOR(CMD_COMPOSE), 0, AT(width), 64, 4096, .value = "N",
      .help = "of films, in pixels; default: varies" },
    { "height", 0, OPT_INT, FOR(CMD_COMPOSE), 0, AT(height), 64, 4096, .value = "N",
      .help = "of films, in pixels; default: varies" },
    { "fps", 0, OPT_INT, FOR(CMD_COMPOSE), 0, AT(fps), 1, 120, .value = "N",
      .help = "frames a second of films; default: varies" },
    { "shows", 0, OPT_INT, FOR(CMD_COMPOSE), 0, AT(n_shows), 1, 999, .value = "N",
      .help = "deal the episodes out to N shows, show1_s01e01 and on; default: show000_e0000 and on, eight a show" },
    { "openings", 0, OPT_TEXT, FOR(CMD_COMPOSE), 0, AT(openings), .value = "LIST",
      .help = "draw only from these, comma separated, as logo,title_card; with --shows, one a show; default: any" },
    { "credits", 0, OPT_TEXT, FOR(CMD_COMPOSE), 0, AT(credits), .value = "LIST",
      .help = "the same for credits, as roll_black,cards_art" },
    { "example", 0, OPT_FLAG, FOR(CMD_INIT), 0, AT(example), .preset = "yes",
      .help = "do not compose films to try the commands on" },
    { "last-words", 0, OPT_NUMBER, FOR(CMD_COMPOSE), 0, AT(last_words), 0.01, 1, .value = "SHARE", .preset = "0.08",
      .help = "stories that end in words on a card, of 1" },
    { "clean", 0, OPT_FLAG, FOR(CMD_COMPOSE), 0, AT(clean), .help = "no grain, blur or compression damage" },
    { "held-out", 0, OPT_FLAG, FOR(CMD_COMPOSE), 0, AT(held_out),
      .help = "use the part of the material that training never sees" },
    { "tracks", 0, OPT_FLAG, FOR(CMD_COMPOSE), 0, AT(tracks), .help = "write tracks of the model in place of films" },
    { "seed", 0, OPT_INT, LEARN | FOR(CMD_COMPOSE), 0, AT(seed), 1, SEED_MAX, .value = "N", .preset = "42",
      .help = "of the random numbers; the same seed gives the same result" },
    { "jobs", 'j', OPT_INT, INPUTS, 0, AT(jobs), 1, 256, .value = "N",
      .help = "inputs worked on side by side; answers keep their order; default: one a processor, at most 16" },
    { "threads", 't', OPT_INT, WORK, 0, AT(threads), 1, 1024, .value = "N",
      .help = "threads to use in all; default: one a processor" },
    { "nice", 0, OPT_FLAG, INPUTS, 0, AT(nice), .help = "give way to other programs, on processor and disk" },
    { "cache", 0, OPT_FLAG, INPUTS, 0, AT(cache), .preset = "yes",
      .help = "neither read nor keep anything under $XDG_CACHE_HOME/bookend (default ~/.cache/bookend)" },
    { "folder-files", 0, OPT_FLAG, FOR(CMD_DETECT), 0, AT(folder_files), .preset = "yes",
      .help = "do not look for .bookend.conf beside the videos" },
    { "force", 0, OPT_FLAG, FOR(CMD_DETECT), 0, AT(force), .help = "with --write and --plot: replace any file" },
    { "force", 0, OPT_FLAG, FOR(CMD_REPORT), 0, AT(force), .help = "replace any file in the way" },
    { "force", 0, OPT_FLAG, FOR(CMD_EMBED), 0, AT(force), .help = "make tracks that are there already once more" },
    { "force", 0, OPT_FLAG, FOR(CMD_TRAIN), 0, AT(force), .help = "train although FILE is there already" },
    { "force", 0, OPT_FLAG, FOR(CMD_MODEL_PACK), 0, AT(force), .help = "replace FILE when it is there already" },
    { "force", 0, OPT_FLAG, FOR(CMD_MODEL_CONVERT) | FOR(CMD_MODEL_EXPORT), 0, AT(force),
      .help = "replace what is there already" },
    { "force", 0, OPT_FLAG, FOR(CMD_MODEL_FETCH), 0, AT(force), .help = "fetch although the model is there already" },
    { "quiet", 'q', OPT_FLAG, ALL & ~FOR(CMD_NONE), 0, AT(quiet), .help = "no progress and no remarks, only errors" },
    { "verbose", 'v', OPT_FLAG, WORK, 0, AT(verbose), .help = "say what is decided on the way" },
    { "verbose", 'v', OPT_FLAG, FOR(CMD_MODEL_INFO), 0, AT(verbose), .help = "list every tensor" },
    { "version", 'V', OPT_FLAG, FOR(CMD_NONE), 0, AT(version), .help = "print the version" },
    { "completion", 0, OPT_CHOICE, FOR(CMD_NONE), 0, AT(completion), 1, .choice = completion_shell, .value = "SHELL",
      .help = "print a completion script for bash, zsh or fish" },
    { "list-options", 0, OPT_FLAG, FOR(CMD_NONE), 0, AT(list_options), .help = NULL },
    { "help", 'h', OPT_FLAG, ALL, 0, AT(help), .help = "print this page" },
    { 0 },
};

const command command_table[] = {
    { CMD_NONE, "", "find the two ends of the story in a video", NULL, 0, 0, program_run, NULL, NULL },
    { CMD_DETECT, "detect", "say where the story of each video begins and ends", "PATH...", 1, -1, detect_run,
      "  bookend detect film.mkv                         the answer for a person\n"
      "  bookend detect --format json season1/           one JSON object a line, for a program\n"
      "  bookend detect --format edl --write season1/    s01e01.edl beside s01e01.mkv, for Kodi\n"
      "  bookend detect --pad-end 3 film.mkv             keep three seconds more of the end\n",
      "A folder stands for every video in it and below, in order of their names. An input that fails is reported and "
      "the others are still done. Ctrl-C stops and keeps the answers that are finished, and the same command "
      "goes on with the rest; a second one stops at once. The nearest .bookend.conf in a video's folder or above it "
      "may hold settings for its show, a line each, such as start-within = 5:00 or skip = true; see bookend(1)." },
    { CMD_REPORT, "report", "make a page for each video that shows its two ends and why", "PATH...", 1, -1,
      report_run,
      "  bookend report film.mkv                         film.html: the frames on both sides of each end\n"
      "  bookend report --out pages/ season1/            a page a video, and pages/index.html over them\n",
      "A page is one file that needs no network; open it in any browser. It shows the frames round both boundaries, "
      "the curve of probabilities, what counted, and the second choice." },
    { CMD_CHAPTERS, "chapters", "write what was found into the films themselves, as chapters", "FILM...", 1, -1,
      chapters_run,
      "  bookend chapters film.mkv                       Intro, Main, Credits; no picture is encoded anew\n"
      "  bookend chapters --dry-run season1/             what would be written\n",
      "Matroska, WebM, MP4 and MOV. Chapters that a film has stay, with their names; all streams, tags and attachments "
      "stay. The new file is compared with the old one before it takes its place; a second run changes nothing." },
    { CMD_VERIFY, "verify", "judge someone else's markers by the picture", "FILM...", 1, -1, verify_run,
      "  bookend verify film.mkv --markers film.edl      would that EDL skip story?\n"
      "  bookend verify film.mkv --markers film.mkv      the film's own chapters\n"
      "  bookend verify --markers labels.csv season1/    a whole folder\n",
      "A line an input tells of each end: agrees, skips story, leaves credits in, or no marker. The exit status is 1 "
      "when story would be skipped." },
    { CMD_EMBED, "embed", "make the embedding track of each video or folder of frames, as .npz", "PATH...", 0, -1,
      embed_run,
      "  bookend embed --out tracks/ season1/            tracks/s01e01_windows.npz for season1/s01e01.mkv\n"
      "  bookend embed --out tracks/ --frames frames/    tracks/SHOW_EPISODE_windows.npz for "
      "frames/SHOW/EPISODE/*.jpg\n"
      "  bookend embed --out film.npz film.mkv           one file\n",
      "Tracks are named after the path below the folder given, with _ for each slash. Those that are there already "
      "are kept, so that a stopped run goes on where it was. An input of less than a minute is passed over." },
    { CMD_TRAIN, "train", "train a head on your own labels", NULL, 0, 0, train_run,
      "  bookend train --labels labels.csv --embeddings tracks/ --out head.safetensors\n"
      "  bookend embed --out tracks/ shows/              before that: the tracks, once\n"
      "  bookend detect --head head.safetensors film.mkv after that: use it\n"
      "  bookend train --encoder --help                  the other training: of the picture encoder\n",
      "Numbers that are not given are the recipe's. The same command goes on where a stopped training was." },
    { CMD_TRAIN_ENCODER, "train --encoder", "train the small picture encoder from nothing", NULL, 0, 0,
      train_encoder_run,
      "  bookend train --encoder --material clips/ photos/ --out encoder.safetensors\n"
      "  bookend train --encoder --material clips/ --hours 2 --out encoder.safetensors\n",
      "Pictures with lettering are composed from the material while it trains. The same command goes on where a "
      "stopped training was." },
    { CMD_EVAL, "eval", "judge a head on labels and tracks", NULL, 0, 0, eval_run,
      "  bookend eval --labels labels.csv --embeddings tracks/ --head head.safetensors --out report/\n"
      "  bookend eval --labels labels.csv --embeddings tracks/ --shows show2,show5 --out report/\n",
      "The files of --decision notebook go to DIR/notebook where both decisions are judged." },
    { CMD_COMPOSE, "compose", "compose labelled episodes to train and to judge on", NULL, 0, 0, compose_run,
      "  bookend compose --material clips/ photos/ --episodes 20 --out made/       films with labels.csv\n"
      "  bookend compose --material clips/ --episodes 500 --tracks --out tracks/   only their tracks\n"
      "  bookend compose --episodes 12 --shows 3 --openings logo,montage --out made/   three shows\n",
      "Openings: none, logo, title_card, over_footage, cold, short, recap, over_scene, montage. Credits: none, "
      "cards_black, roll_black, cards_art, roll_art, over_footage, split, paper, mid_scene, post_scene." },
    { CMD_INIT, "init", "lay out a folder for training and judging on shows of your own", "DIR", 1, 1, init_run,
      "  bookend init study/                 folders, labels.csv, a README with the commands, and three small shows\n"
      "  bookend init --no-example study/    without the shows\n",
      "A labels.csv that is there already is never touched. See doc/tutorial.md for the way from there." },
    { CMD_MODEL_LIST, "model list", "list the models at hand", NULL, 0, 0, model_list_run, "  bookend model list\n",
      "A model is at hand when it is inside the program or lies in $XDG_DATA_HOME/bookend/models (default "
      "~/.local/share/bookend/models) as NAME.safetensors; --model NAME finds it there." },
    { CMD_MODEL_INFO, "model info", "describe a model", "[NAME|FILE]", 0, 1, model_info_run,
      "  bookend model info\n"
      "  bookend model info --verbose my.safetensors\n",
      NULL },
    { CMD_MODEL_PACK, "model pack", "join an encoder and a head into one model file", NULL, 0, 0, model_pack_run,
      "  bookend model pack --encoder encoder.safetensors --head head.safetensors --out my.safetensors\n", NULL },
    { CMD_MODEL_CONVERT, "model convert", "make a model file of public weights, or PyTorch's state dict of a head",
      "NAME|FILE", 1, 1, model_convert_run,
      "  bookend model convert ViT-B-32.pt --out clip.safetensors         OpenAI's archive\n"
      "  bookend model convert open_clip_pytorch_model.bin --out my.safetensors\n"
      "  bookend model convert head.safetensors --out best_clip_attention60.pth\n",
      "Reads safetensors, state dicts (.pt, .pth, .bin) and TorchScript archives with the names of OpenAI, open_clip "
      "or Hugging Face; of CLIP only the vision tower. Nothing in a file is ever run: a pickle that asks for more than "
      "tensors is refused." },
    { CMD_MODEL_FETCH, "model fetch", "fetch public weights, check them and put them at hand", "[NAME]", 0, 1,
      model_fetch_run,
      "  bookend model fetch                              what is known by name\n"
      "  bookend model fetch clip-vit-b-32                then: bookend embed --model clip-vit-b-32\n"
      "  bookend model fetch mine --url https://... --sha256 40d3...\n",
      "Nothing but this command ever connects to a network. A download that was cut goes on where it stopped, by "
      "itself or with the next call; what does not have the right SHA-256 is not kept. Proxies are those of "
      "http_proxy, https_proxy and no_proxy." },
    { CMD_MODEL_EXPORT, "model export", "write encoder and head as ONNX, for ONNX Runtime and TensorRT", NULL, 0, 0,
      model_export_run,
      "  bookend model export --onnx onnx/                            the model inside the program\n"
      "  bookend model export --model clip-vit-b-32 --head head.pth --onnx onnx/\n",
      "encoder.onnx: pixels [batch, 3, height, width], RGB from 0 to 255, the whole picture resized as Pillow's "
      "BICUBIC does; gives the embedding. head.onnx: windows [batch, 60, 512] of embeddings, one a second; gives a "
      "probability a second. Opset 17, 32 bits, any batch." },
    { .name = NULL },
};
