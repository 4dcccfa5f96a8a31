#include "app/command_line.hpp"

int main(int argc, char** argv) {
  return punctual::app::run(argc, argv);
}
