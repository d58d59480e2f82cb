mod coordinator;
mod group;
