// TensorBoard event files, written by hand: records framed as TFRecord does, each with one Event
// message of a scalar or an image. No protobuf library is needed to write two messages.
// Tests: tests/cpp/test_events.cpp; tests/testthat/test-callback_tensorboard.R asks TensorBoard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sketchvae {

// One point of a summary: a number, or a PNG file's bytes with its size in pixels.
struct Summary {
  std::string tag;  // "epoch_loss"
  double value = 0;
  std::vector<std::byte> png;  // not empty: an image
  int64_t width = 0, height = 0;
};

// The first record of every event file.
std::vector<std::byte> event_file_start(double wall_time);

// One record with all of `summaries` at `step`. wall_time: seconds since 1970.
std::vector<std::byte> event_record(double wall_time, int64_t step,
                                    const std::vector<Summary>& summaries);

// Adds bytes to the end of a file, made when it does not exist, in one write, so that a reader
// meets whole records. Throws Error naming the path and the system's reason.
void append_file(const std::string& path, std::span<const std::byte> bytes);

// CRC-32C (Castagnoli) and the masked form that TFRecord stores.
uint32_t crc32c(std::span<const std::byte> bytes);
uint32_t masked_crc32c(std::span<const std::byte> bytes);

}  // namespace sketchvae
