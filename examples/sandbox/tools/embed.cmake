# cmake -DFOLDER=… -DOUTPUT=… -P embed.cmake: writes a C++ file that holds every file below FOLDER.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
string(ASCII 13 cr) # compilers take it for the end of a line
set(rows "")
foreach(file IN LISTS files)
  if(NOT file MATCHES "\\.md$")
    file(READ ${FOLDER}/${file} text)
    string(REPLACE "${cr}" ")recorded\" \"\\r\" R\"recorded(" text "${text}")
    string(APPEND rows "    {\"${file}\", R\"recorded(${text})recorded\"},\n")
  endif()
endforeach()
file(WRITE ${OUTPUT} "#include \"examples/sandbox/tools/recorded_texts.h\"\n
namespace drover::sandbox {\n
const std::vector<RecordedText>& recorded_texts() {
  static const std::vector<RecordedText> kTexts = {
${rows}  };
  return kTexts;
}\n
}  // namespace drover::sandbox\n")
