# Draws the output of a command as a terminal, in SVG. Text keeps its colours (SGR 1, 2, 31 to 36, 90); lines are wrapped at spaces.
#   awk -v title="podfence explain ..." -v columns=100 -v theme=dark -f eng/terminal-svg.awk output.txt > picture.svg
BEGIN {
  if (theme == "dark") {
    back = "#0d1117"; frame = "#30363d"; bar = "#161b22"; text = "#e6edf3"; dim = "#8b949e"
    colour[31] = "#ff7b72"; colour[32] = "#56d364"; colour[33] = "#e3b341"; colour[34] = "#79c0ff"; colour[35] = "#d2a8ff"; colour[36] = "#56d4dd"
  } else {
    back = "#ffffff"; frame = "#d0d7de"; bar = "#f6f8fa"; text = "#1f2328"; dim = "#59636e"
    colour[31] = "#cf222e"; colour[32] = "#1a7f37"; colour[33] = "#7d4e00"; colour[34] = "#0969da"; colour[35] = "#8250df"; colour[36] = "#1b7c83"
  }
  colour[90] = dim; colour[2] = dim
  rows = 0
  add("$ " title, "prompt")
}

# Everything of a line: its characters, each with the style that is in force.
{
  sub(/\r$/, "")
  count = 0; style = ""
  while (length($0) > 0) {
    if (match($0, /^\033\[[0-9;?]*[a-zA-Z=]/) || match($0, /^\033[=>]/)) {
      code = substr($0, RSTART, RLENGTH); $0 = substr($0, RLENGTH + 1)
      if (code ~ /m$/) { gsub(/[^0-9;]/, "", code); style = (code == "" || code == "0") ? "" : code }
    } else {
      glyph[++count] = substr($0, 1, 1); look[count] = style; $0 = substr($0, 2)
    }
  }
  from = 1; indent = 0
  while (from <= count && glyph[from] == " ") from++
  indent = from - 1; from = 1; first = 1
  do {
    room = first ? columns : columns - indent - 4
    to = count < from + room - 1 ? count : from + room - 1
    if (to < count) { cut = to; while (cut > from && glyph[cut] != " ") cut--; if (cut > from) to = cut }
    line(from, to, first ? 0 : indent + 4)
    from = to + 1; first = 0
  } while (from <= count)
}

function add(string, class) { rows++; content[rows] = "<tspan class=\"" class "\">" escape(string) "</tspan>"; }

function line(first_glyph, last_glyph, pad,   i, run, now, out) {
  out = pad ? sprintf("%" pad "s", "") : ""; run = ""; now = ""
  for (i = first_glyph; i <= last_glyph; i++) {
    if (look[i] != now) { out = out span(run, now); run = ""; now = look[i] }
    run = run glyph[i]
  }
  content[++rows] = out span(run, now)
}

function span(run, now) { return run == "" ? "" : now == "" ? escape(run) : "<tspan class=\"c" now "\">" escape(run) "</tspan>" }

function escape(string) { gsub(/&/, "\\&amp;", string); gsub(/</, "\\&lt;", string); gsub(/>/, "\\&gt;", string); return string }

END {
  while (rows > 1 && content[rows] == "") rows--
  glyph_width = 8.43; height = 20; width = int(columns * glyph_width) + 40; tall = rows * height + 64
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", width, tall, width, tall
  printf "<title>Output of: %s</title>\n", escape(title)
  printf "<style>text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: %s; white-space: pre } .prompt { fill: %s; font-weight: bold } .c1 { font-weight: bold }", text, colour[34]
  for (code in colour) order[++codes] = code + 0
  for (i = 1; i <= codes; i++) for (j = i + 1; j <= codes; j++) if (order[j] < order[i]) { swap = order[i]; order[i] = order[j]; order[j] = swap }
  for (i = 1; i <= codes; i++) printf " .c%d { fill: %s }", order[i], colour[order[i]]
  print "</style>"
  printf "<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\" stroke=\"%s\"/>\n", width - 1, tall - 1, back, frame
  printf "<path d=\"M0.5 32.5V8.5a8 8 0 0 1 8-8H%.1fa8 8 0 0 1 8 8V32.5z\" fill=\"%s\" stroke=\"%s\"/>\n", width - 8.5, bar, frame
  for (i = 0; i < 3; i++) printf "<circle cx=\"%d\" cy=\"16\" r=\"5\" fill=\"%s\"/>\n", 20 + i * 18, frame
  for (i = 1; i <= rows; i++) printf "<text x=\"20\" y=\"%d\" xml:space=\"preserve\">%s</text>\n", 38 + i * height, content[i]
  print "</svg>"
}
