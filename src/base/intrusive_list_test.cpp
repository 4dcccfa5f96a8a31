#include "base/intrusive_list.hpp"

#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <vector>

namespace punctual::base {
namespace {

struct Tag;
struct Item : ListNode<Item>, ListNode<Tag> {
  explicit Item(int with) : value(with) {}
  int value;
};
using List = IntrusiveList<Item>;

std::vector<int> values(List& list) {
  std::vector<int> found;
  list.for_each([&](Item& item) { found.push_back(item.value); });
  return found;
}

TEST(IntrusiveList, KeepsTheOrderOfInsertion) {
  List list;
  Item a(1), b(2), c(3);
  EXPECT_TRUE(list.empty());
  list.push_back(b);
  list.push_back(c);
  list.push_front(a);
  EXPECT_EQ(values(list), (std::vector{1, 2, 3}));
  EXPECT_EQ(list.front().value, 1);
  EXPECT_EQ(list.back().value, 3);
}

TEST(IntrusiveList, ElementLeavesWhenDestroyed) {
  List list;
  Item a(1), c(3);
  auto b = std::make_unique<Item>(2);
  list.push_back(a);
  list.push_back(*b);
  list.push_back(c);
  b.reset();
  EXPECT_EQ(values(list), (std::vector{1, 3}));
}

TEST(IntrusiveList, ListLetsGoOfItsElementsWhenDestroyed) {
  Item a(1), b(2);
  {
    List list;
    list.push_back(a);
    list.push_back(b);
  }
  EXPECT_FALSE(a.ListNode<Item>::linked());
  EXPECT_FALSE(b.ListNode<Item>::linked());
}

TEST(IntrusiveList, InsertingMovesAnElementFromWhereItIs) {
  List one;
  List other;
  Item a(1), b(2);
  one.push_back(a);
  one.push_back(b);
  other.push_back(a);
  EXPECT_EQ(values(one), (std::vector{2}));
  EXPECT_EQ(values(other), (std::vector{1}));
  one.push_back(b);
  EXPECT_EQ(values(one), (std::vector{2}));
}

TEST(IntrusiveList, SpliceEmptiesTheOther) {
  List one;
  List other;
  Item a(1), b(2), c(3);
  one.push_back(a);
  one.splice(other);
  EXPECT_EQ(values(one), (std::vector{1}));
  other.push_back(b);
  other.push_back(c);
  one.splice(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(values(one), (std::vector{1, 2, 3}));
  other.push_back(b);
  EXPECT_EQ(values(one), (std::vector{1, 3}));
}

TEST(IntrusiveList, VisitorMayUnlinkWhatItIsGiven) {
  List list;
  Item a(1), b(2), c(3);
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  list.for_each([](Item& item) {
    if (item.value != 2) item.ListNode<Item>::unlink();
  });
  EXPECT_EQ(values(list), (std::vector{2}));
}

TEST(IntrusiveList, OneElementIsInTwoListsByTwoTags) {
  List one;
  IntrusiveList<Item, Tag> other;
  Item a(1);
  one.push_back(a);
  other.push_back(a);
  a.ListNode<Item>::unlink();
  EXPECT_TRUE(one.empty());
  EXPECT_EQ(&other.front(), &a);
}

}  // namespace
}  // namespace punctual::base
