// The folders of src/ and what each may use, out of src/CMakeLists.txt: the one place where that is written down.

export const librariesPath = "src/CMakeLists.txt";

const key = (name) => name.replaceAll("/", "_");

// A map from a library's folder to { name, depends: [folder], line }, in the order of the file.
export function readLibraries(text) {
  const libraries = new Map();
  const withoutComments = text.replace(/#[^\n]*/g, "");
  for (const call of withoutComments.matchAll(/punctual_library\(([^)]*)\)/g)) {
    const [name, ...words] = call[1].trim().split(/\s+/);
    const depends = [];
    let list = null;
    for (const word of words) {
      if (word === "DEPENDS" || word === "LIBRARIES") list = word;
      else if (list === "DEPENDS") depends.push(word);
    }
    const line = withoutComments.slice(0, call.index).split("\n").length;
    libraries.set(name, { name, depends, line });
  }
  // CMake's targets cannot have a slash in their names; both spellings mean the same folder.
  for (const library of libraries.values()) {
    library.depends = library.depends.map((wanted) => [...libraries.keys()].find((name) => key(name) === key(wanted)) ?? wanted);
  }
  return libraries;
}

// The library that a path below src/ belongs to: backend/cloud if that is one, else backend.
export function libraryOf(libraries, pathBelowSource) {
  const parts = pathBelowSource.split("/").slice(0, -1);
  for (let length = parts.length; length > 0; --length) {
    const name = parts.slice(0, length).join("/");
    if (libraries.has(name)) return name;
  }
  return null;
}

export function reachable(libraries, name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const next of libraries.get(name)?.depends ?? []) reachable(libraries, next, found);
  return found;
}
