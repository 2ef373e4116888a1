"""How the lessons become slides: jupyter nbconvert --config coursetools/slides/nbconvert.py, which is what make slides does."""

c = get_config()  # noqa: F821

c.NbConvertApp.export_format = "slides"
c.NbConvertApp.notebooks = ["notebooks/*.ipynb"]
c.FilesWriter.build_directory = "build/slides"
c.TemplateExporter.extra_template_basedirs = ["coursetools/slides"]
c.SlidesExporter.template_name = "deck"
c.SlidesExporter.reveal_url_prefix = "reveal.js"
c.SlidesExporter.reveal_theme = "white"
c.SlidesExporter.preprocessors = ["coursetools.slides.lecture.Lecture"]
