"""How Sphinx makes the site. What it reads is written by coursetools.pages.site."""

from urllib.parse import urlsplit

from coursetools.place import SITE, is_named

project = "Convolutional networks, by experiment"
html_title = project
language = "en"
copyright = "The authors of the course, text and figures under CC BY 4.0"
extensions = ["myst_nb", "notfound.extension", "sphinxext.opengraph"]
exclude_patterns = ["_doctrees"]

nb_execution_mode = "off"
nb_ipywidgets_js: dict = {}
nb_code_prompt_show = "Show the set-up"
nb_code_prompt_hide = "Hide the set-up"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
mathjax_path = "mathjax.js"
mathjax3_config = {"options": {"enableMenu": False}}  # its menu would fetch more

html_theme = "furo"
html_theme_options: dict = {"top_of_page_buttons": []}
html_static_path = ["_static"]  # of the source, not of this folder
html_css_files = ["explorers.css", "course.css"]
html_js_files = [("explorers.js", {"defer": "defer"}), ("page.js", {"defer": "defer"})]
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_show_sphinx = False
templates_path: list[str] = []

notfound_urls_prefix = urlsplit(SITE).path  # a 404 page is shown at any depth
ogp_social_cards = {"enable": False}
ogp_enable_meta_description = True
if is_named():
    extensions.append("sphinx_sitemap")
    html_baseurl = ogp_site_url = SITE
    ogp_image = f"{SITE}_static/card.png"
    sitemap_url_scheme = "{link}"
