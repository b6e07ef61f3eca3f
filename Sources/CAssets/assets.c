// Written by Scripts/assets.
#include "CAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char api_docs_js[] = {
#embed "../Server/Assets/api-docs.js"
};

static const unsigned char badge_css[] = {
#embed "../Server/Assets/badge.css"
};

static const unsigned char banner_css[] = {
#embed "../Server/Assets/banner.css"
};

static const unsigned char base_css[] = {
#embed "../Server/Assets/base.css"
};

static const unsigned char button_css[] = {
#embed "../Server/Assets/button.css"
};

static const unsigned char chart_css[] = {
#embed "../Server/Assets/chart.css"
};

static const unsigned char choice_css[] = {
#embed "../Server/Assets/choice.css"
};

static const unsigned char code_css[] = {
#embed "../Server/Assets/code.css"
};

static const unsigned char copy_js[] = {
#embed "../Server/Assets/copy.js"
};

static const unsigned char danger_zone_css[] = {
#embed "../Server/Assets/danger-zone.css"
};

static const unsigned char definitions_css[] = {
#embed "../Server/Assets/definitions.css"
};

static const unsigned char design_css[] = {
#embed "../Server/Assets/design.css"
};

static const unsigned char dialog_css[] = {
#embed "../Server/Assets/dialog.css"
};

static const unsigned char dialogs_js[] = {
#embed "../Server/Assets/dialogs.js"
};

static const unsigned char empty_css[] = {
#embed "../Server/Assets/empty.css"
};

static const unsigned char field_css[] = {
#embed "../Server/Assets/field.css"
};

static const unsigned char fonts_css[] = {
#embed "../Server/Assets/fonts.css"
};

static const unsigned char forms_js[] = {
#embed "../Server/Assets/forms.js"
};

static const unsigned char guildhall_js[] = {
#embed "../Server/Assets/guildhall.js"
};

static const unsigned char icon_svg[] = {
#embed "../Server/Assets/icon.svg"
};

static const unsigned char keys_js[] = {
#embed "../Server/Assets/keys.js"
};

static const unsigned char layers_css[] = {
#embed "../Server/Assets/layers.css"
};

static const unsigned char lists_js[] = {
#embed "../Server/Assets/lists.js"
};

static const unsigned char matrix_css[] = {
#embed "../Server/Assets/matrix.css"
};

static const unsigned char menu_css[] = {
#embed "../Server/Assets/menu.css"
};

static const unsigned char menus_js[] = {
#embed "../Server/Assets/menus.js"
};

static const unsigned char navigation_css[] = {
#embed "../Server/Assets/navigation.css"
};

static const unsigned char offline_js[] = {
#embed "../Server/Assets/offline.js"
};

static const unsigned char page_dialogs_js[] = {
#embed "../Server/Assets/page-dialogs.js"
};

static const unsigned char page_header_css[] = {
#embed "../Server/Assets/page-header.css"
};

static const unsigned char pagination_css[] = {
#embed "../Server/Assets/pagination.css"
};

static const unsigned char plain_css[] = {
#embed "../Server/Assets/plain.css"
};

static const unsigned char print_css[] = {
#embed "../Server/Assets/print.css"
};

static const unsigned char progress_css[] = {
#embed "../Server/Assets/progress.css"
};

static const unsigned char reset_css[] = {
#embed "../Server/Assets/reset.css"
};

static const unsigned char seal_css[] = {
#embed "../Server/Assets/seal.css"
};

static const unsigned char search_css[] = {
#embed "../Server/Assets/search.css"
};

static const unsigned char select_css[] = {
#embed "../Server/Assets/select.css"
};

static const unsigned char service_worker_js[] = {
#embed "../Server/Assets/service-worker.js"
};

static const unsigned char shell_css[] = {
#embed "../Server/Assets/shell.css"
};

static const unsigned char skeleton_css[] = {
#embed "../Server/Assets/skeleton.css"
};

static const unsigned char stat_css[] = {
#embed "../Server/Assets/stat.css"
};

static const unsigned char switcher_css[] = {
#embed "../Server/Assets/switcher.css"
};

static const unsigned char table_css[] = {
#embed "../Server/Assets/table.css"
};

static const unsigned char tabs_css[] = {
#embed "../Server/Assets/tabs.css"
};

static const unsigned char themes_js[] = {
#embed "../Server/Assets/themes.js"
};

static const unsigned char timeline_css[] = {
#embed "../Server/Assets/timeline.css"
};

static const unsigned char times_js[] = {
#embed "../Server/Assets/times.js"
};

static const unsigned char toast_css[] = {
#embed "../Server/Assets/toast.css"
};

static const unsigned char toasts_js[] = {
#embed "../Server/Assets/toasts.js"
};

static const unsigned char tokens_css[] = {
#embed "../Server/Assets/tokens.css"
};

static const unsigned char utilities_css[] = {
#embed "../Server/Assets/utilities.css"
};

static const struct guildhall_asset assets[] = {
  {"api-docs.js", api_docs_js, sizeof api_docs_js},
  {"badge.css", badge_css, sizeof badge_css},
  {"banner.css", banner_css, sizeof banner_css},
  {"base.css", base_css, sizeof base_css},
  {"button.css", button_css, sizeof button_css},
  {"chart.css", chart_css, sizeof chart_css},
  {"choice.css", choice_css, sizeof choice_css},
  {"code.css", code_css, sizeof code_css},
  {"copy.js", copy_js, sizeof copy_js},
  {"danger-zone.css", danger_zone_css, sizeof danger_zone_css},
  {"definitions.css", definitions_css, sizeof definitions_css},
  {"design.css", design_css, sizeof design_css},
  {"dialog.css", dialog_css, sizeof dialog_css},
  {"dialogs.js", dialogs_js, sizeof dialogs_js},
  {"empty.css", empty_css, sizeof empty_css},
  {"field.css", field_css, sizeof field_css},
  {"fonts.css", fonts_css, sizeof fonts_css},
  {"forms.js", forms_js, sizeof forms_js},
  {"guildhall.js", guildhall_js, sizeof guildhall_js},
  {"icon.svg", icon_svg, sizeof icon_svg},
  {"keys.js", keys_js, sizeof keys_js},
  {"layers.css", layers_css, sizeof layers_css},
  {"lists.js", lists_js, sizeof lists_js},
  {"matrix.css", matrix_css, sizeof matrix_css},
  {"menu.css", menu_css, sizeof menu_css},
  {"menus.js", menus_js, sizeof menus_js},
  {"navigation.css", navigation_css, sizeof navigation_css},
  {"offline.js", offline_js, sizeof offline_js},
  {"page-dialogs.js", page_dialogs_js, sizeof page_dialogs_js},
  {"page-header.css", page_header_css, sizeof page_header_css},
  {"pagination.css", pagination_css, sizeof pagination_css},
  {"plain.css", plain_css, sizeof plain_css},
  {"print.css", print_css, sizeof print_css},
  {"progress.css", progress_css, sizeof progress_css},
  {"reset.css", reset_css, sizeof reset_css},
  {"seal.css", seal_css, sizeof seal_css},
  {"search.css", search_css, sizeof search_css},
  {"select.css", select_css, sizeof select_css},
  {"service-worker.js", service_worker_js, sizeof service_worker_js},
  {"shell.css", shell_css, sizeof shell_css},
  {"skeleton.css", skeleton_css, sizeof skeleton_css},
  {"stat.css", stat_css, sizeof stat_css},
  {"switcher.css", switcher_css, sizeof switcher_css},
  {"table.css", table_css, sizeof table_css},
  {"tabs.css", tabs_css, sizeof tabs_css},
  {"themes.js", themes_js, sizeof themes_js},
  {"timeline.css", timeline_css, sizeof timeline_css},
  {"times.js", times_js, sizeof times_js},
  {"toast.css", toast_css, sizeof toast_css},
  {"toasts.js", toasts_js, sizeof toasts_js},
  {"tokens.css", tokens_css, sizeof tokens_css},
  {"utilities.css", utilities_css, sizeof utilities_css},
};

size_t guildhall_asset_count(void) { return sizeof assets / sizeof assets[0]; }

struct guildhall_asset guildhall_asset_at(size_t place) { return assets[place]; }
