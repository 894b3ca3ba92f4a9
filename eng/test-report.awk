# Reads one xunit report (XML). Writes the line "sum PASSED FAILED SKIPPED", and a line "skip NAME: REASON" for every skipped test.
# Errors outside of tests (a fixture that failed to clean up) count as failures.
BEGIN { RS = "<" }

function attribute(name,   at, rest) {
  at = index($0, " " name "=\"")
  if (at == 0) return ""
  rest = substr($0, at + length(name) + 3)
  return substr(rest, 1, index(rest, "\"") - 1)
}

function plain(text) {
  gsub(/[ \t\r\n]+/, " ", text)
  gsub(/\\"/, "\"", text)
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text); gsub(/&amp;/, "\\&", text)
  return text
}

/^assembly / { passed += attribute("passed"); failed += attribute("failed") + attribute("errors"); skipped += attribute("skipped") }
/^test / { name = plain(attribute("name")) }
/^reason>/ { print "skip " name ": " plain(substr($0, length("reason>") + 1)) }
END { print "sum " passed + 0 " " failed + 0 " " skipped + 0 }
